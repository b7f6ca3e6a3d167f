/* What every boot loader's language can say; see boot_entry.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/boot_entry.h"

bool boot_entry_is_plain(const char *path) {
        if (path[0] == '#' || path[0] == '-' || path[0] == 0)
                return false;
        for (const char *c = path; *c; c++) {
                if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '$' || *c == '\\' || *c == '\'' ||
                    *c == '"')
                        return false;
        }
        return true;
}
