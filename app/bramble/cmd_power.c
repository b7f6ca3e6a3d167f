/* bramble machine power, and bramble power drivers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"

enum {
        VALUE_OCTETS_MAX = 8192, /* of a file that a value is read from */
        PATIENCE_S = 3600        /* an action with all its attempts; the daemon knows when it ends */
};

/* ---- What there is ---- */

static void format_words(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const json_t *word;
        size_t i;
        (void)cli;
        (void)row;

        json_array_foreach(value, i, word) {
                text_append(out, i ? " " : "");
                print_text(out, json_string_value(word));
        }
}

static const struct column driver_columns[] = {
        { .title = "DRIVER", .field = "name" },
        { .title = "WHAT", .field = "title" },
        { .title = "CAN", .field = "actions", .format = format_words },
        {},
};

static const char *note_of(const json_t *key) {
        if (json_is_true(json_object_get(key, "required")))
                return "required";
        return json_is_true(json_object_get(key, "secret")) ? "secret" : "";
}

static void format_note(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        (void)cli;
        (void)value;
        text_append(out, note_of(row));
}

/* What a value must be: its choices where there are any, else its type. */
static void format_value(struct text *out, const struct cli *cli, const json_t *row, const json_t *value) {
        const json_t *choices = json_object_get(row, "choices");

        if (json_is_array(choices))
                format_words(out, cli, row, choices);
        else
                print_text(out, json_string_value(value));
}

static const struct column key_columns[] = {
        { .title = "KEY", .field = "name" },
        { .title = "VALUE", .field = "type", .format = format_value },
        { .title = "DEFAULT", .field = "default" },
        { .title = "", .field = "secret", .format = format_note },
        { .title = "WHAT", .field = "help" },
        {},
};

static int show_keys(struct cli *cli, const json_t *drivers, const char *name) {
        const json_t *driver;
        size_t i;

        json_array_foreach(drivers, i, driver) {
                if (strcmp(json_text_at(driver, "name"), name) != 0)
                        continue;
                return cli->json ? print_json(driver)
                                 : print_table(cli, key_columns, json_object_get(driver, "keys"));
        }
        return cli_fail(CLI_REFUSED, "there is no power driver %s: bramble power drivers lists them", name);
}

int cmd_power_drivers(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("power-drivers", NULL);
        CLEANUP(json_decref_at) json_t *drivers = NULL;

        if (args->n_words == 0)
                return noun_list(cli, path, driver_columns);
        const int code = api_list(cli, path, &drivers);
        return code == CLI_OK ? show_keys(cli, drivers, args->words[0]) : code;
}

/* ---- What a machine has ---- */

static int print_power(const struct cli *cli, const json_t *power) {
        const char *driver = json_text_at(power, "driver"), *key;
        const json_t *value;

        if (cli->json)
                return print_json(power);
        const char *form = cli->is_terminal ? "%-16s  %s\n" : "%s\t%s\n";
        (void)printf(form, "driver", *driver ? driver : "manual");
        json_object_foreach((json_t *)json_object_get(power, "parameters"), key, value) {
                CLEANUP(text_free) struct text shown = {};
                print_text(&shown, json_string_value(value));
                (void)printf(form, key, shown.octets ? shown.octets : "");
        }
        return CLI_OK;
}

/* The value of a key that is written @FILE: its first line. */
static int read_value(const char *path, char *value) {
        FILE *f = fopen(path, "re");

        if (!f)
                return cli_fail(CLI_LOCAL, "%s: %s", path, strerror(errno));
        const size_t len = fread(value, 1, VALUE_OCTETS_MAX - 1, f);
        const bool is_bad = ferror(f);
        (void)fclose(f);
        if (is_bad)
                return cli_fail(CLI_LOCAL, "%s: cannot be read", path);
        value[len] = 0;
        value[strcspn(value, "\r\n")] = 0;
        return CLI_OK;
}

/* "KEY=VALUE", "KEY=@FILE", or "KEY=" for what is to be left out from now on. */
static int put_key(json_t *parameters, const char *given) {
        char from_file[VALUE_OCTETS_MAX];
        const char *equals = strchr(given, '='), *value = equals ? equals + 1 : "";

        if (!equals || equals == given)
                return cli_fail(CLI_USAGE, "--key %s: write it as KEY=VALUE, or KEY=@FILE", given);
        CLEANUP(free_at) char *key = strndup(given, (size_t)(equals - given));
        if (!key)
                return cli_fail(CLI_LOCAL, "out of memory");
        if (*value == '@') {
                const int code = read_value(value + 1, from_file);
                if (code != CLI_OK)
                        return code;
                value = from_file;
        }
        if (!*value) {
                (void)json_object_del(parameters, key);
                return CLI_OK;
        }
        if (json_object_set_new(parameters, key, json_string(value)) < 0)
                return cli_fail(CLI_LOCAL, "--key %s: its value is no UTF-8 text", key);
        return CLI_OK;
}

/* Another driver begins with no parameters; the same one keeps those it has, which are then changed one by
 * one. */
static int wish_of(struct cli *cli, const struct args *args, const char *path, json_t **ret) {
        CLEANUP(json_decref_at) json_t *was = NULL, *parameters = NULL;
        const char *driver = args_value(args, "driver");

        int code = api_json(cli, "GET", path, NULL, &was);
        if (code != CLI_OK)
                return code;
        const char *driver_was = *json_text_at(was, "driver") ? json_text_at(was, "driver") : "manual";
        const bool is_same = !driver || strcmp(driver, driver_was) == 0;
        parameters = is_same ? json_incref(json_object_get(was, "parameters")) : json_object();
        for (size_t i = 0; i < args->n_given && code == CLI_OK; i++) {
                if (strcmp(args->given[i].option->name, "key") == 0)
                        code = put_key(parameters, args->given[i].value);
        }
        if (code == CLI_OK)
                *ret = json_pack("{s:s, s:O}", "driver", driver ? driver : driver_was, "parameters",
                                 parameters);
        return code;
}

static int set_power(struct cli *cli, const struct args *args, const char *path) {
        CLEANUP(json_decref_at) json_t *wish = NULL, *power = NULL;

        int code = wish_of(cli, args, path, &wish);
        if (code == CLI_OK)
                code = api_json(cli, "PUT", path, wish, &power);
        if (code != CLI_OK)
                return code;
        return cli->json || cli->is_terminal ? print_power(cli, power) : CLI_OK;
}

/* ---- Switching ---- */

static int tell(const struct cli *cli, const char *name, const json_t *result) {
        CLEANUP(text_free) struct text line = {};
        const bool is_by_hand = strcmp(json_text_at(result, "result"), "by-hand") == 0;
        const char *note = json_text_at(result, "note");

        if (cli->json)
                return print_json(result);
        if (is_by_hand) {
                print_text(&line, json_text_at(result, "words"));
                return cli_fail(CLI_REFUSED, "%s", line.octets ? line.octets : "");
        }
        print_text(&line, json_text_at(result, "state"));
        if (*note) {
                text_append(&line, cli->is_terminal ? ": " : "\t");
                print_text(&line, note);
        }
        if (line.failed)
                return cli_fail(CLI_LOCAL, "out of memory");
        (void)printf(cli->is_terminal ? "%s is %s\n" : "%s\t%s\n", name, line.octets);
        return CLI_OK;
}

static int turn(struct cli *cli, const char *name, const char *how) {
        CLEANUP(free_at) char *path = api_path("machines", name, "power", how, NULL);
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        CLEANUP(json_decref_at) json_t *result = NULL;
        const struct http_call call = { .method = "POST", .path = path, .idle_s = PATIENCE_S };

        const int code = api_call(cli, &call, &reply);
        if (code != CLI_OK)
                return code;
        result = json_loadb(reply.body, reply.len, 0, NULL);
        return result ? tell(cli, name, result) : cli_fail(CLI_FAILED, "brambled's answer is no JSON");
}

int cmd_machine_power(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("machines", args->words[0], "power", NULL);
        CLEANUP(json_decref_at) json_t *power = NULL;
        const bool is_change = args_value(args, "driver") || args_value(args, "key");

        if (is_change && args->n_words > 1)
                return cli_fail(CLI_USAGE, "machine power: set it first, then tell it to %s", args->words[1]);
        if (args->n_words > 1)
                return turn(cli, args->words[0], args->words[1]);
        if (is_change)
                return set_power(cli, args, path);
        const int code = api_json(cli, "GET", path, NULL, &power);
        return code == CLI_OK ? print_power(cli, power) : code;
}
