/* Disks of machines that require trust; see trusted_disk.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/trusted_disk.h"

#include <errno.h>

#include "core/life/eeprom_wish.h"
#include "core/machine/eeprom_found.h"
#include "format/boot_trust.h"
#include "format/bootconf.h"

/* The signature that firmware looks for beside boot.img, wherever it boots from. */
#define SIGNATURE "boot.sig"

static bool wants_signature(const struct site *s, const struct machine *m, const char *config) {
        enum boot_trust level;

        return (boot_trust_parse(m->trust, &level) == 0 && level >= BOOT_TRUST_SIGNED) ||
               (config && eeprom_wish_is_signed(s, m, config));
}

int trusted_disk_check(const struct site *s, const struct machine *m, const struct image *image,
                       struct error *reterr) {
        struct eeprom_found found;
        const char *config = eeprom_found_of(m, &found) ? found.config : NULL;

        if (wants_signature(s, m, config) && !image_find_folded(image, SIGNATURE))
                return error_set(
                        reterr, -EINVAL,
                        "machine %s requires trust, and its firmware starts nothing without a signature, "
                        "which image %s has none of on a disk: deploy it with root ram, or give its "
                        "EEPROM a configuration without SIGNED_BOOT, unless it has fuses",
                        m->name, image->name);
        if (!config)
                return 0;
        const uint32_t order = eeprom_wish_boot_order(s, m, config);
        if (boot_order_has_disk(order))
                return 0;
        return error_set(
                reterr, -EINVAL,
                "machine %s requires trust, and its EEPROM starts nothing from a disk (BOOT_ORDER=0x%x): "
                "deploy it with root ram, or give its EEPROM a BOOT_ORDER that names the disk behind "
                "the network, as in 0xf17 (bramble eeprom apply)",
                m->name, order);
}
