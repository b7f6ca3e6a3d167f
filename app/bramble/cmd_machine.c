/* bramble machine …: what is registered, and beside it what was seen on the wire and nobody registered. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/body.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"
#include "app/bramble/text_file.h"

/* Rows of both kinds stand in one table: a sighting is given the members of a machine, and has no name. */
static bool is_sighting(const json_t *row) {
        return json_object_get(row, "first") != NULL;
}

static void format_state(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)cli;
        text_append(out, is_sighting(row) ? "discovered" : json_string_value(value));
}

static void format_macs(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        format_plain(out, cli, row, is_sighting(row) ? json_object_get(row, "mac") : value);
}

static void format_serial(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        format_plain(out, cli, row, is_sighting(row) ? json_at(row, "pi.serial") : value);
}

static void format_board(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        format_plain(out, cli, row, is_sighting(row) ? json_at(row, "client") : value);
}

/* Why a machine is where it is; what DHCP told of something discovered: "Raspberry Pi 4B 1.4, 4096 MiB,
 * revision c03114: not registered". */
static void format_about(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const char *model = json_text_at(row, "pi.model"), *stepping = json_text_at(row, "pi.stepping");
        const char *revision = json_text_at(row, "pi.revision"), *why = json_text_at(row, "why");
        const json_t *memory = json_at(row, "pi.memory_mib");

        (void)cli;
        (void)value;
        print_text(out, json_text_at(row, "reason"));
        if (*model) {
                print_text(out, model);
                text_append(out, *stepping ? " " : "");
                print_text(out, stepping);
                if (json_integer_value(memory) > 0)
                        text_printf(out, ", %" JSON_INTEGER_FORMAT " MiB", json_integer_value(memory));
                text_append(out, *revision ? ", revision " : "");
                print_text(out, revision);
        }
        text_append(out, *model && *why ? ": " : "");
        print_text(out, why);
}

/* How far its firmware checks what it boots; and that it shall, where it does not or nobody knows. */
static void format_trust(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const char *trust = json_is_string(value) ? json_string_value(value) : "";

        (void)cli;
        if (!json_is_true(json_object_get(row, "require_trusted")) || (*trust && strcmp(trust, "none") != 0))
                print_text(out, trust);
        else
                text_printf(out, "%srequired", *trust ? "none, and " : "");
}

static const struct column list_columns[] = {
        { .title = "STATE", .field = "state", .format = format_state },
        { .title = "NAME", .field = "name" },
        { .title = "MAC", .field = "macs", .format = format_macs },
        { .title = "SERIAL", .field = "serial", .format = format_serial },
        { .title = "IP", .field = "ip" },
        { .title = "BOARD", .field = "board", .format = format_board },
        { .title = "IMAGE", .field = "image" },
        { .title = "TRUST", .field = "trust", .format = format_trust },
        { .title = "ABOUT", .field = "", .format = format_about },
        {},
};

/* A reservation that cannot be kept is told where it was made. */
static void tell_problems(struct cli *cli, const struct args *args) {
        char about[96];

        if (!args_value(args, "ip"))
                return;
        (void)snprintf(about, sizeof(about), "machine %.64s ", args->words[0]);
        noun_problems(cli, about);
}

/* The body of options, with the file of lines for config.txt in it; NULL with a complaint. */
static json_t *body_with_lines(const struct args *args) {
        const char *path = args_value(args, "config-txt");
        json_t *body = body_of(args);
        int code = CLI_OK;

        if (!body)
                (void)cli_fail(CLI_LOCAL, "a value is no UTF-8 text, or memory is short");
        else if (path && args->command->is_change && strcmp(path, "none") == 0)
                (void)json_object_set_new(body, "config_txt_extra", json_null());
        else if (path)
                code = text_file_put(body, "config_txt_extra", path);
        if (code == CLI_OK)
                return body;
        json_decref(body);
        return NULL;
}

int cmd_machine_add(struct cli *cli, const struct args *args) {
        json_t *body = NULL;

        if (!args_value(args, "mac") && !args_value(args, "serial") && !args_value(args, "uuid") &&
            !args_value(args, "client-id"))
                return cli_fail(
                        CLI_USAGE,
                        "machine add: how is %s known on the network? Give its --mac, or --serial, --uuid "
                        "or --client-id",
                        args->words[0]);
        body = body_with_lines(args);
        if (!body)
                return CLI_LOCAL;
        (void)json_object_set_new(body, "name", json_string(args->words[0]));
        const int code = noun_send(cli, "POST", "/api/v1/machines", body);
        if (code != CLI_OK)
                return code;
        cli_done(cli, "added machine %s", args->words[0]);
        tell_problems(cli, args);
        if (args_value(args, "image"))
                cli_done(cli, "next: `bramble boot watch`, and switch it on");
        else
                cli_done(cli, "it boots its own disk; next: `bramble machine commission %s`", args->words[0]);
        return CLI_OK;
}

int cmd_machine_set(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("machines", args->words[0], NULL);

        if (args->n_given == 0)
                return cli_fail(CLI_USAGE,
                                "machine set: what shall change? `bramble machine set --help` lists it");
        json_t *body = body_with_lines(args);
        if (!body)
                return CLI_LOCAL;
        const int code = noun_send(cli, "PATCH", path, body);
        if (code != CLI_OK)
                return code;
        cli_done(cli, "changed machine %s", args->words[0]);
        tell_problems(cli, args);
        return CLI_OK;
}

int cmd_machine_list(struct cli *cli, const struct args *args) {
        static const char *const filters[] = { "state", "tag", "pool", "zone", "owner" };
        CLEANUP(free_at) char *path = api_path("machines", NULL);
        CLEANUP(json_decref_at) json_t *machines = NULL, *sightings = NULL;
        bool is_filtered = false;
        int code;

        for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
                api_query(&path, filters[i], args_value(args, filters[i]));
                is_filtered = is_filtered || args_value(args, filters[i]);
        }
        if (args_value(args, "discovered") && is_filtered)
                return cli_fail(CLI_USAGE,
                                "machine list: what was discovered has no state, tag, pool, zone or owner");
        if (args_value(args, "discovered") && args_value(args, "registered"))
                return cli_fail(CLI_USAGE,
                                "machine list: nothing is both registered and discovered: give one of "
                                "--registered and --discovered, or neither for both lists");
        if (args_value(args, "discovered"))
                machines = json_array();
        else if ((code = api_list(cli, path, &machines)) != CLI_OK)
                return code;
        if (args_value(args, "registered") || is_filtered)
                sightings = json_array();
        else if ((code = api_list(cli, "/api/v1/sightings", &sightings)) != CLI_OK)
                return code;
        if (cli->json) {
                CLEANUP(json_decref_at)
                json_t *both = json_pack("{s:O, s:O}", "machines", machines, "discovered", sightings);
                return both ? print_json(both) : cli_fail(CLI_LOCAL, "out of memory");
        }
        (void)json_array_extend(machines, sightings);
        return print_table(cli, list_columns, machines);
}

int cmd_machine_delete(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("machines", args->words[0], NULL);
        const int code = noun_delete(cli, path);

        if (code == CLI_OK)
                cli_done(cli, "deleted machine %s", args->words[0]);
        return code;
}
