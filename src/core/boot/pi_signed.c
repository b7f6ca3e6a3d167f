/*
 * A Raspberry Pi that requires trust: boot.img and boot.sig, and nothing else of its image.
 *
 * Firmware that checks signatures asks for these two alone, by HTTP or TFTP, below whatever path its EEPROM
 * says, and before them for an update of its EEPROM where it takes any. Firmware that asks for more checks
 * nothing, and is given nothing.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "core/boot/method.h"
#include "core/boot/methods.h"
#include "core/boot/pi_eeprom.h"
#include "core/boot/pi_offer.h"
#include "core/boot/pi_ramdisk.h"
#include "core/boot/pi_verdict.h"
#include "core/boot/trusted.h"

static bool match(const struct boot_plan *p) {
        return p->machine && p->machine->require_trusted && boot_method_pi_tftp.match(p);
}

static void plan(struct boot_plan *p) {
        if (pi_verdict_refuse(p))
                return;
        pi_offer_fill(p);
        boot_plan_say(p,
                      "it requires trust: it gets boot.img and boot.sig, signed with %s%s, and no other file "
                      "of its image",
                      p->machine->boot_key[0] ? "key " : "the oldest key", p->machine->boot_key);
        boot_trusted_say(p);
        pi_eeprom_say(p);
        pi_verdict_note(p);
        if (p->purpose == PURPOSE_RUN && (p->machine->root == ROOT_NFS || p->machine->root == ROOT_NBD))
                boot_plan_say(p, "its root (%s) cannot be checked: it is booted only from one that can",
                              root_name(p->machine->root));
}

static size_t generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX]) {
        bool is_unchecked =
                p->purpose == PURPOSE_RUN && (p->machine->root == ROOT_NFS || p->machine->root == ROOT_NBD);
        const size_t n = is_unchecked ? 0 : pi_ramdisk_generate(p, list, 0);
        return n + pi_eeprom_generate(p, list + n);
}

/* HTTP_PATH and TFTP_PREFIX are any text. */
static const char *resolve(const struct boot_plan *p, const char *path) {
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

        if (strcasecmp(name, BOOT_RAMDISK) != 0 && strcasecmp(name, PI_RAMDISK_SIGNATURE) != 0)
                return boot_method_pi_tftp.resolve(p, path);
        return name;
}

const struct boot_method boot_method_pi_signed = {
        .name = "pi-signed",
        .title = "Raspberry Pi firmware that checks signatures",
        .match = match,
        .plan = plan,
        .generate = generate,
        .resolve = resolve,
        .has_no_image_files = true,
};
