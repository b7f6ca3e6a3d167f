/* bramble machine show: a machine, what it is doing, what it is made of, and how its scripts went. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/print.h"

static void format_progress(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const json_int_t done = json_integer_value(json_at(value, "done"));
        const json_int_t total = json_integer_value(json_at(value, "total"));
        (void)cli;
        (void)row;

        print_text(out, json_text_at(value, "phase"));
        if (total > 0)
                text_printf(out, " %" JSON_INTEGER_FORMAT " %%", done * 100 / total);
}

/* Its operator's word, else its agent's; and both where they differ. */
static void format_boot_order(struct text *out, const struct cli *cli, const json_t *row,
                              const json_t *value) {
        const char *claimed = json_string_value(value), *found = json_text_at(row, "boot_order_found");
        (void)cli;

        print_text(out, claimed ? claimed : found);
        if (claimed && *found && strcmp(claimed, found) != 0)
                text_printf(out, " (its agent found %s)", found);
}

static const struct column columns[] = {
        { .title = "name", .field = "name" },
        { .title = "state", .field = "state" },
        { .title = "reason", .field = "reason" },
        { .title = "refused", .field = "refused" },
        { .title = "since", .field = "state_since", .format = format_time },
        { .title = "deadline", .field = "deadline", .format = format_time },
        { .title = "progress", .field = "activity.progress", .format = format_progress },
        { .title = "agent", .field = "activity.heard", .format = format_time },
        { .title = "locked", .field = "locked" },
        { .title = "owner", .field = "owner" },
        { .title = "tags", .field = "tags" },
        { .title = "pool", .field = "pool" },
        { .title = "zone", .field = "zone" },
        { .title = "macs", .field = "macs" },
        { .title = "serial", .field = "serial" },
        { .title = "uuid", .field = "uuid" },
        { .title = "client-id", .field = "client_id" },
        { .title = "arch", .field = "arch" },
        { .title = "board", .field = "board" },
        { .title = "boot-order", .field = "boot_order", .format = format_boot_order },
        { .title = "ip", .field = "ip" },
        { .title = "image", .field = "image" },
        { .title = "root", .field = "root" },
        { .title = "falls back to", .field = "falls_back_to" },
        { .title = "cmdline-extra", .field = "cmdline_extra" },
        { .title = "config-txt", .field = "config_txt_extra" },
        { .title = "eeprom", .field = "eeprom.found.version" },
        { .title = "eeprom lines", .field = "eeprom_lines" },
        { .title = "eeprom firmware", .field = "eeprom_firmware" },
        { .title = "eeprom wants", .field = "eeprom.changes" },
        { .title = "netconsole", .field = "netconsole" },
        { .title = "drop options", .field = "drop_options" },
        { .title = "as ramdisk", .field = "as_ramdisk" },
        { .title = "require trusted", .field = "require_trusted" },
        { .title = "boot key", .field = "boot_key" },
        { .title = "trust", .field = "trust" },
        { .title = "power", .field = "power" },
        { .title = "note", .field = "note" },
        { .title = "created", .field = "created", .format = format_time },
        {},
};

/* One part of an inventory, as rows of a table: what it is, and how much of it. */
static void add_row(json_t *rows, const char *what, const char *name, struct text *about) {
        text_append(about, "");
        (void)json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "what", what, "name", name, "about",
                                                    about->octets ? about->octets : ""));
        text_free(about);
        *about = (struct text){};
}

static void add_words(struct text *out, const json_t *from, const char *const *members) {
        for (; *members; members++) {
                const char *word = json_text_at(from, *members);
                if (*word) {
                        text_append(out, out->len ? " " : "");
                        print_text(out, word);
                }
        }
}

static void add_processors(json_t *rows, const json_t *inventory) {
        const json_t *socket;
        struct text about = {};
        size_t i;

        json_array_foreach(json_at(inventory, "cpu.sockets"), i, socket) {
                const size_t n = json_array_size(json_object_get(socket, "cores"));
                static const char *const members[] = { "vendor", "name", NULL };
                if (n > 0)
                        text_printf(&about, "%zu x", n);
                add_words(&about, socket, members);
                add_row(rows, "processor", json_text_at(inventory, "cpu.architecture"), &about);
        }
}

static void add_size(json_t *rows, const char *what, const char *name, const json_t *size,
                     struct text *about) {
        if (json_integer_value(size) > 0) {
                text_append(about, about->len ? ", " : "");
                print_size(about, (uint64_t)json_integer_value(size));
        }
        add_row(rows, what, name, about);
}

static void add_disks(json_t *rows, const json_t *inventory) {
        static const char *const members[] = { "model", "type", NULL };
        const json_t *disk;
        struct text about = {};
        size_t i;

        json_array_foreach(json_at(inventory, "storage.disks"), i, disk) {
                add_words(&about, disk, members);
                add_size(rows, "disk", json_text_at(disk, "id"), json_at(disk, "size"), &about);
        }
}

static void add_ports(json_t *rows, const json_t *inventory) {
        static const char *const members[] = { "address", NULL };
        const json_t *card, *port;
        struct text about = {};
        size_t i, at;

        json_array_foreach(json_at(inventory, "network.cards"), i, card) {
                json_array_foreach(json_object_get(card, "ports"), at, port) {
                        const json_int_t speed = json_integer_value(json_at(port, "link_speed"));
                        add_words(&about, port, members);
                        if (speed > 0)
                                text_printf(&about, ", %" JSON_INTEGER_FORMAT " Mbit/s", speed);
                        add_row(rows, "port", json_text_at(port, "id"), &about);
                }
        }
}

static const struct column inventory_columns[] = {
        { .title = "PART", .field = "what" },
        { .title = "NAME", .field = "name" },
        { .title = "ABOUT", .field = "about" },
        {},
};

static int print_inventory(const struct cli *cli, const json_t *inventory) {
        static const char *const members[] = { "vendor", "product", "serial", NULL };
        CLEANUP(json_decref_at) json_t *rows = json_array();
        struct text about = {};

        add_words(&about, json_at(inventory, "system"), members);
        if (about.len)
                add_row(rows, "system", "", &about);
        add_processors(rows, inventory);
        add_size(rows, "memory", "", json_at(inventory, "memory.total"), &about);
        add_disks(rows, inventory);
        add_ports(rows, inventory);
        return print_table(cli, inventory_columns, rows);
}

/* A part of the machine that has a path of its own, into the machine's object. */
static int add_part(struct cli *cli, const char *name, const char *part, json_t *machine) {
        CLEANUP(free_at) char *path = api_path("machines", name, part, NULL);
        CLEANUP(json_decref_at) json_t *answer = NULL;

        const int code = api_json(cli, "GET", path, NULL, &answer);
        if (code != CLI_OK)
                return code;
        (void)json_object_set(machine, part, answer);
        return CLI_OK;
}

/* Why it would be refused its boot, where it would: its own screen shows nothing of that. */
static int add_refusal(struct cli *cli, const char *name, json_t *machine) {
        CLEANUP(free_at) char *path = api_path("boot", "explain", NULL);
        CLEANUP(json_decref_at) json_t *plan = NULL;

        api_query(&path, "of", name);
        const int code = api_json(cli, "GET", path, NULL, &plan);
        if (code != CLI_OK)
                return code;
        json_t *reasons = json_object_get(plan, "reasons");
        json_t *last = json_array_get(reasons, json_array_size(reasons) - 1);
        bool is_refused = strcmp(json_text_at(plan, "purpose"), "refuse") == 0 && last;
        (void)json_object_set(machine, "refused", is_refused ? last : json_null());
        return CLI_OK;
}

int cmd_machine_show(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("machines", args->words[0], NULL);
        CLEANUP(json_decref_at) json_t *machine = NULL;

        int code = api_json(cli, "GET", path, NULL, &machine);
        if (code == CLI_OK)
                code = add_part(cli, args->words[0], "activity", machine);
        if (code == CLI_OK)
                code = add_part(cli, args->words[0], "eeprom", machine);
        if (code == CLI_OK)
                code = add_refusal(cli, args->words[0], machine);
        if (code == CLI_OK && json_at(machine, "inventoried"))
                code = add_part(cli, args->words[0], "inventory", machine);
        if (code == CLI_OK)
                code = add_part(cli, args->words[0], "scripts", machine);
        if (code != CLI_OK)
                return code;
        const json_t *scripts = json_at(machine, "scripts.items");
        (void)json_object_set(machine, "scripts", (json_t *)scripts);
        if (cli->json)
                return print_json(machine);
        code = print_fields(cli, columns, machine);
        if (code == CLI_OK && json_at(machine, "inventory") && puts("") != EOF)
                code = print_inventory(cli, json_at(machine, "inventory"));
        scripts = json_at(machine, "scripts");
        if (code == CLI_OK && json_array_size(scripts) > 0 && puts("") != EOF)
                code = print_script_results(cli, scripts);
        return code;
}
