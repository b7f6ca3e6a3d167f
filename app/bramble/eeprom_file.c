/* EEPROM images in files; see eeprom_file.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/eeprom_file.h"

int eeprom_file_read(const char *path, struct file_octets *ret) {
        CLEANUP(file_octets_end) struct file_octets f = {};

        const int code = file_read(path, EEPROM_SIZE_2712, &f);
        if (code != CLI_OK)
                return code;
        if (!eeprom_size_is_known(f.len))
                return cli_fail(
                        CLI_LOCAL,
                        "%s: is no image of a Raspberry Pi's EEPROM: these have 512 KiB (2711) or 2 MiB "
                        "(2712), and it has %zu octets",
                        path, f.len);
        if (eeprom_check(f.octets, f.len) < 0)
                return cli_fail(CLI_LOCAL, "%s: is a damaged image of an EEPROM: fetch it again", path);
        *ret = f;
        f = (struct file_octets){};
        return CLI_OK;
}
