/* Whether a machine writes its console to us; see method.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/boot/method.h"
#include "core/machine/config_lines.h"
#include "format/bootconf_lines.h"

/* What the settings say of the firmware's console: nothing, where it goes, or that it goes nowhere. */
static bool is_on(const struct bootconf_lines *l, bool otherwise) {
        static const char key[] = "NETCONSOLE=";

        for (size_t i = 0; i < l->n; i++)
                if (l->items[i].len >= strlen(key) && memcmp(l->items[i].text, key, strlen(key)) == 0)
                        return l->items[i].len > strlen(key);
        return otherwise;
}

/* A setting that nobody can read does not count; the plan of its EEPROM says what is wrong with it. */
static void lay(struct bootconf_lines *l, const char *text) {
        struct bootconf_line bad;

        if (text)
                (void)!bootconf_lines_add_text(l, text, &bad);
}

bool boot_plan_has_netconsole(const struct boot_plan *p) {
        const char *board = p->board ? p->board->name : "";
        const struct config_lines *lines;
        struct bootconf_lines all = {};

        for (size_t i = 0; (lines = site_config_lines(p->site, i)); i++)
                if (config_lines_are_for(lines, CONFIG_LINES_BOOTCONF, board, p->machine))
                        lay(&all, lines->text);
        if (p->machine)
                lay(&all, p->machine->eeprom_lines);
        return is_on(&all, p->machine && p->machine->netconsole);
}
