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
#include "format/bootconf_lines.h"

enum { CONFIG_MAX = 4076 };

static const struct column columns[] = {
        { .title = "MACHINE", .field = "machine" },
        { .title = "EEPROM", .field = "version" },
        { .title = "ORDER", .field = "boot_order" },
        { .title = "TRUST", .field = "trust" },
        { .title = "UPDATE", .field = "update" },
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

static void add_change(void *ctx, char sign, const char *line, size_t len) {
        struct text *out = ctx;
        text_printf(out, "%s%c%.*s", out->len ? ", " : "", sign, (int)len, line);
}

/* As the server compared what is there with what profiles want. */
static void add_changes(struct text *out, const json_t *eeprom) {
        const json_t *change;
        size_t i;

        json_array_foreach(json_object_get(eeprom, "changes"), i, change)
                text_printf(out, "%s%s", out->len ? ", " : "", json_string_value(change));
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

/* The row of one machine; NULL: its agent never told of an EEPROM, or nothing of it would change. */
static json_t *row_of(const json_t *eeprom, const struct wanted *w) {
        const json_t *found = json_at(eeprom, "found");
        const char *config = json_text_at(found, "config");
        CLEANUP(text_free) struct text changes = {};

        if (!found && !*json_text_at(eeprom, "wanted.config_of"))
                return NULL;
        if (w->config && found)
                bootconf_each_change(config, w->config, add_change, &changes);
        if (w->server && found)
                add_servers(&changes, config, w->server);
        if ((w->config || w->server) && !changes.len)
                return NULL;
        if (!w->config && !w->server)
                add_changes(&changes, eeprom);
        if (!found)
                text_append(&changes, "its agent has not told what it has: commission it");
        return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "machine", json_text_at(eeprom, "machine"),
                         "trust", json_text_at(eeprom, "trust"), "version", json_text_at(found, "version"),
                         "boot_order", json_text_at(found, "boot_order"), "update",
                         json_text_at(eeprom, "update.step"), "changes", changes.octets ? changes.octets : "",
                         "wanted", json_incref(json_object_get(eeprom, "wanted")));
}

static int add_machine(struct cli *cli, const char *name, const struct wanted *w, json_t *rows) {
        CLEANUP(free_at) char *path = api_path("machines", name, "eeprom", NULL);
        CLEANUP(json_decref_at) json_t *eeprom = NULL;

        const int code = api_json(cli, "GET", path, NULL, &eeprom);
        if (code != CLI_OK)
                return code;
        json_t *row = row_of(eeprom, w);
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
