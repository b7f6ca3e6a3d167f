/* What an agent read of an EEPROM; see eeprom_found.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/machine/eeprom_found.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* A line of fields, the version last and maybe empty; and the configuration as it is, where there is one. */
int eeprom_found_parse(const char *text, struct eeprom_found *ret) {
        const size_t line = strcspn(text, "\n");
        struct eeprom_found f = { .config = text[line] ? text + line + 1 : NULL };
        int at = 0;

        if (sscanf(text, "%" SCNu64 " %" SCNu64 "%n", &f.build_s, &f.update_s, &at) != 2 || text[at] != ' ')
                return -EBADMSG;
        const size_t len = line - (size_t)at - 1;
        if (len > EEPROM_FOUND_VERSION_MAX)
                return -EBADMSG;
        memcpy(f.version, text + at + 1, len);
        *ret = f;
        return 0;
}

char *eeprom_found_print(const struct eeprom_found *f) {
        CLEANUP(text_free) struct text out = {};

        text_printf(&out, "%" PRIu64 " %" PRIu64 " %s", f->build_s, f->update_s, f->version);
        if (f->config)
                text_printf(&out, "\n%s", f->config);
        return text_take(&out);
}

bool eeprom_found_of(const struct machine *m, struct eeprom_found *ret) {
        return m->eeprom_found && eeprom_found_parse(m->eeprom_found, ret) == 0;
}
