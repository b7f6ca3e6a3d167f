/* bramble eeprom plan: what boards have in their EEPROMs, and what would change. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/chosen.h"
#include "app/bramble/cmd.h"
#include "app/bramble/file.h"
#include "app/bramble/noun.h"

enum { CONFIG_MAX = 4076 };

static const struct column columns[] = {
        { .title = "MACHINE", .field = "machine" },
        { .title = "EEPROM", .field = "version" },
        { .title = "ORDER", .field = "boot_order" },
        { .title = "CHANGES", .field = "changes" },
        {},
};

/* What a plan is made for. */
struct wanted {
        const char *config; /* NULL: nothing is said */
        const char *server; /* likewise */
};

/* Keys that name the server, wherever it is. */
static const char *const server_keys[] = { "TFTP_IP=", "HTTP_HOST=" };

static bool has_line(const char *text, const char *line, size_t len) {
        for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
                if (strcspn(text, "\n") == len && memcmp(text, line, len) == 0)
                        return true;
        return false;
}

/* Lines of @text that @other has not, with a sign before each. */
static void add_lines(struct text *out, char sign, const char *text, const char *other) {
        for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
                const size_t len = strcspn(text, "\n");
                if (len == 0 || has_line(other, text, len))
                        continue;
                text_printf(out, "%s%c%.*s", out->len ? ", " : "", sign, (int)len, text);
        }
}

/* Lines that name another server than the one that it shall be. */
static void add_servers(struct text *out, const char *text, const char *server) {
        for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
                const size_t len = strcspn(text, "\n");
                for (size_t i = 0; i < ARRAY_LEN(server_keys); i++) {
                        const size_t key = strlen(server_keys[i]);
                        if (len <= key || strncmp(text, server_keys[i], key) != 0 ||
                            (len - key == strlen(server) && strncmp(text + key, server, len - key) == 0))
                                continue;
                        text_printf(out, "%s%.*s", out->len ? ", " : "", (int)len, text);
                }
        }
}

/* The row of one machine; NULL: it says nothing about an EEPROM, or nothing of it would change. */
static json_t *row_of(const char *name, const json_t *inventory, const struct wanted *w) {
        const json_t *eeprom = json_at(inventory, "board.pi.eeprom");
        const char *config = json_text_at(eeprom, "config");
        CLEANUP(text_free) struct text changes = {};

        if (!eeprom)
                return NULL;
        if (w->config) {
                add_lines(&changes, '-', config, w->config);
                add_lines(&changes, '+', w->config, config);
        }
        if (w->server)
                add_servers(&changes, config, w->server);
        if ((w->config || w->server) && !changes.len)
                return NULL;
        return json_pack("{s:s, s:s, s:s, s:s}", "machine", name, "version", json_text_at(eeprom, "version"),
                         "boot_order", json_text_at(eeprom, "boot_order"), "changes",
                         changes.octets ? changes.octets : "");
}

/* Its agent told what it is made of; what was never looked into is not asked for. */
static int add_machine(struct cli *cli, const char *name, const struct wanted *w, json_t *rows) {
        CLEANUP(free_at) char *machine_path = api_path("machines", name, NULL);
        CLEANUP(free_at) char *path = api_path("machines", name, "inventory", NULL);
        CLEANUP(json_decref_at) json_t *machine = NULL, *inventory = NULL;

        int code = api_json(cli, "GET", machine_path, NULL, &machine);
        if (code != CLI_OK || json_is_null(json_object_get(machine, "inventoried")))
                return code;
        code = api_json(cli, "GET", path, NULL, &inventory);
        if (code != CLI_OK)
                return code;
        json_t *row = row_of(name, inventory, w);
        if (row)
                (void)json_array_append_new(rows, row);
        return CLI_OK;
}

int cmd_eeprom_plan(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *names = NULL, *rows = json_array();
        CLEANUP(file_octets_end) struct file_octets config = {};
        const char *path = args_value(args, "config");
        struct wanted w = { .server = args_value(args, "server") };
        const json_t *name;
        size_t i;
        int code;

        if (path && (code = file_read(path, CONFIG_MAX, &config)) != CLI_OK)
                return code;
        w.config = path ? (const char *)config.octets : NULL;
        if ((code = chosen_machines(cli, args, &names)) != CLI_OK)
                return code;
        json_array_foreach(names, i, name) {
                code = add_machine(cli, json_string_value(name), &w, rows);
                if (code != CLI_OK)
                        return code;
        }
        return cli->json ? print_json(rows) : print_table(cli, columns, rows);
}
