/* Firmware on disks; see medium.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "app/bramble-agent/deploy/medium.h"
#include "base/cleanup.h"

/* Loaders that lie before the first partition, by what their first stage begins with. */
static const struct {
        size_t at;
        const char *magic, *reason;
} loaders[] = {
        { 8 * 1024 + 4, "eGON.BT0", "an Allwinner boot loader lies before its first partition" },
        { 128 * 1024 + 4, "eGON.BT0", "an Allwinner boot loader lies before its first partition" },
        { 32 * 1024, "RKNS", "a Rockchip boot loader lies before its first partition" },
        { 32 * 1024, "\x3b\x8c\xdc\xfc", "a Rockchip boot loader lies before its first partition" },
        { 512 + 16, "@AML", "an Amlogic boot loader lies before its first partition" },
};

/* Files by which a board starts from a FAT partition. */
static const struct {
        const char *name, *reason;
        bool of_pi_only, of_others_only;
} files[] = {
        { "RPI_EFI.fd", "UEFI for Raspberry Pi lies on it", false, false },
        { "bootcode.bin", "the boot ROM starts bootcode.bin from it", true, false },
        { "tiboot3.bin", "a TI boot loader lies on it", false, true },
        { "MLO", "a TI boot loader lies on it", false, true },
        { "BOOT.BIN", "a boot loader lies on it", false, true },
        { "u-boot.bin", "U-Boot lies on it", false, false },
        { "u-boot.img", "U-Boot lies on it", false, false },
};

static bool holds(const struct medium_disk *d, size_t at, const char *magic) {
        size_t n = strlen(magic);
        return d->begin_len >= at + n && memcmp((const uint8_t *)d->begin + at, magic, n) == 0;
}

static bool has_file(const struct medium_disk *d, const char *name) {
        for (const char *const *at = d->names; at && *at; at++)
                if (strcasecmp(*at, name) == 0)
                        return true;
        return false;
}

bool medium_matters(const struct medium_machine *m) {
        /* A PC has its firmware in flash; so has a Pi whose EEPROM started this very kernel. */
        return m->is_pi ? !m->has_eeprom || m->is_uefi : m->is_arm;
}

const char *medium_firmware(const struct medium_machine *m, const struct medium_disk *d, bool *ret_is_file) {
        *ret_is_file = false;
        if (!medium_matters(m))
                return NULL;
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                bool applies = m->is_pi ? !files[i].of_others_only : !files[i].of_pi_only;
                if (applies && has_file(d, files[i].name)) {
                        *ret_is_file = true;
                        return files[i].reason;
                }
        }
        for (size_t i = 0; i < ARRAY_LEN(loaders) && !m->is_pi; i++)
                if (holds(d, loaders[i].at, loaders[i].magic))
                        return loaders[i].reason;
        /* The text that every U-Boot carries, wherever a board wants it. */
        if (!m->is_pi && memmem(d->begin, d->begin_len, "U-Boot SPL", strlen("U-Boot SPL")))
                return "U-Boot lies before its first partition";
        return NULL;
}
