/* bramble machine commission, deploy, release, …: one action on one machine, or on all that a selection
 * names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/body.h"
#include "app/bramble/build/recipe.h"
#include "app/bramble/chosen.h"
#include "app/bramble/cmd.h"
#include "app/bramble/print.h"
#include "app/bramble/text_file.h"
#include "app/bramble/wait.h"
#include "base/base64.h"

static json_t *list_in(json_t *body, const char *field) {
        json_t *list = json_object_get(body, field);
        if (!list && json_object_set_new(body, field, json_array()) == 0)
                list = json_object_get(body, field);
        return list;
}

/* A key as it is, or a file of keys, a line each. */
static int put_keys(json_t *body, const char *given) {
        json_t *list = list_in(body, "authorized_keys");

        if (strchr(given, ' '))
                return json_array_append_new(list, json_string(given)) < 0 ? CLI_LOCAL : CLI_OK;
        CLEANUP(free_at) char *text = text_file_read(given);
        if (!text)
                return CLI_LOCAL;
        char *rest = text;
        for (char *line; (line = strsep(&rest, "\n"));) {
                line[strcspn(line, "\r")] = 0;
                if (*line && *line != '#' && json_array_append_new(list, json_string(line)) < 0)
                        return cli_fail(CLI_LOCAL, "%s: is no UTF-8 text", given);
        }
        return CLI_OK;
}

/* A word is one that the agent brings along; what has a slash is a file of one's own. */
static int put_script(json_t *body, const char *given) {
        const char *slash = strrchr(given, '/');
        json_t *list = list_in(body, "scripts");

        if (!slash)
                return json_array_append_new(list, json_string(given)) < 0 ? CLI_LOCAL : CLI_OK;
        CLEANUP(free_at) char *text = text_file_read(given);
        CLEANUP(free_at) char *encoded = text ? base64_encode(text, strlen(text)) : NULL;
        if (!text)
                return CLI_LOCAL;
        if (!encoded)
                return cli_fail(CLI_LOCAL, "out of memory");
        if (!*encoded)
                return cli_fail(CLI_LOCAL, "%s: is empty", given);
        json_t *script = json_pack("{s:s, s:s}", "name", slash + 1, "body_base64", encoded);
        return json_array_append_new(list, script) < 0
                       ? cli_fail(CLI_LOCAL, "%s: its name is no UTF-8 text", given)
                       : CLI_OK;
}

/* "a,b,c" */
static int put_scripts(json_t *body, const char *given) {
        CLEANUP(free_at) char *words = strdup(given);
        char *rest = words;
        int code = words ? CLI_OK : cli_fail(CLI_LOCAL, "out of memory");

        for (char *word; code == CLI_OK && (word = strsep(&rest, ","));) {
                word += strspn(word, " ");
                if (*word)
                        code = put_script(body, word);
        }
        return code;
}

static int put_parameter(json_t *body, const char *given) {
        const char *equals = strchr(given, '=');
        json_t *parameters = json_object_get(body, "parameters");

        if (!equals || equals == given)
                return cli_fail(CLI_USAGE, "--param %s: write it as NAME=VALUE", given);
        if (!parameters) {
                parameters = json_object();
                (void)json_object_set_new(body, "parameters", parameters);
        }
        CLEANUP(free_at) char *name = strndup(given, (size_t)(equals - given));
        if (!name || json_object_set_new(parameters, name, json_string(equals + 1)) < 0)
                return cli_fail(CLI_LOCAL, "--param %s: is no UTF-8 text", given);
        return CLI_OK;
}

static int put_no_scripts(json_t *body, const char *given) {
        (void)given;
        return list_in(body, "scripts") ? CLI_OK : CLI_LOCAL;
}

static int put_user_data(json_t *body, const char *path) {
        return text_file_put(body, "user_data", path);
}

static int put_assertion(json_t *body, const char *path) {
        return text_file_put(body, "assertion", path);
}

static int put_vendor_data(json_t *body, const char *path) {
        return text_file_put(body, "vendor_data", path);
}

static int put_network_config(json_t *body, const char *path) {
        return text_file_put(body, "network_config", path);
}

static int put_config_txt(json_t *body, const char *path) {
        return text_file_put(body, "config_txt_extra", path);
}

static int put_keep_disk_id(json_t *body, const char *given) {
        (void)given;
        return json_object_set_new(body, "new_disk_id", json_false()) < 0 ? CLI_LOCAL : CLI_OK;
}

static int put_size_in(json_t *object, const char *given) {
        uint64_t octets;

        if (recipe_size_parse(given, &octets, NULL) < 0 ||
            json_object_set_new(object, "size", json_integer((json_int_t)octets)) < 0)
                return CLI_LOCAL;
        return CLI_OK;
}

static int put_size(json_t *body, const char *given) {
        return put_size_in(body, given);
}

static json_t *data_in(json_t *body) {
        if (!json_object_get(body, "data"))
                (void)json_object_set_new(body, "data", json_object());
        return json_object_get(body, "data");
}

static int put_data(json_t *body, const char *given) {
        const char *colon = strchr(given, ':');
        json_t *data = data_in(body);

        if (!colon)
                return cli_fail(CLI_USAGE, "machine deploy: --data wants KIND:PATH, as in nbd:/srv/data");
        if (json_object_set_new(data, "kind", json_stringn(given, (size_t)(colon - given))) < 0 ||
            json_object_set_new(data, "mount", json_string(colon + 1)) < 0)
                return cli_fail(CLI_LOCAL, "%s: is no UTF-8 text", given);
        return CLI_OK;
}

static int put_data_size(json_t *body, const char *given) {
        return put_size_in(data_in(body), given);
}

static int put_data_disk(json_t *body, const char *given) {
        return json_object_set_new(data_in(body), "disk", json_string(given)) < 0 ? CLI_LOCAL : CLI_OK;
}

static int put_data_overwrite(json_t *body, const char *given) {
        (void)given;
        return json_object_set_new(data_in(body), "overwrite", json_true()) < 0 ? CLI_LOCAL : CLI_OK;
}

/* Options whose values are not members of the request as they stand. */
static const struct {
        const char *option;
        int (*put)(json_t *body, const char *given);
} readers[] = {
        { "script", put_script },
        { "scripts", put_scripts },
        { "param", put_parameter },
        { "no-scripts", put_no_scripts },
        { "ssh-key", put_keys },
        { "user-data", put_user_data },
        { "vendor-data", put_vendor_data },
        { "assertion", put_assertion },
        { "network-config", put_network_config },
        { "config-txt", put_config_txt },
        { "keep-disk-id", put_keep_disk_id },
        { "size", put_size },
        { "data", put_data },
        { "data-size", put_data_size },
        { "data-disk", put_data_disk },
        { "data-overwrite", put_data_overwrite },
};

static int read_options(const struct args *args, json_t *body) {
        for (size_t i = 0; i < args->n_given; i++) {
                for (size_t at = 0; at < ARRAY_LEN(readers); at++) {
                        if (strcmp(args->given[i].option->name, readers[at].option) != 0)
                                continue;
                        int code = readers[at].put(body, args->given[i].value);
                        if (code != CLI_OK)
                                return code;
                }
        }
        return CLI_OK;
}

static void tell(const struct cli *cli, const json_t *m) {
        const char *reason = json_text_at(m, "reason");
        CLEANUP(text_free) struct text line = {};

        print_text(&line, reason);
        cli_done(cli, "%s: %s%s%s", json_text_at(m, "name"), json_text_at(m, "state"), *reason ? ": " : "",
                 line.octets ? line.octets : "");
}

/* Each in its turn; one that refuses does not keep the others from it. What began is added to @begun. */
static int begin_all(struct cli *cli, const struct args *args, const json_t *names, const json_t *body,
                     json_t *begun) {
        const bool is_quiet = args_value(args, "wait") != NULL || cli->json;
        const json_t *name;
        int worst = CLI_OK;
        size_t i;

        json_array_foreach(names, i, name) {
                CLEANUP(free_at)
                char *path =
                        api_path("machines", json_string_value(name), "actions", args->command->verb, NULL);
                CLEANUP(json_decref_at) json_t *machine = NULL;
                int code = api_json(cli, "POST", path, body, &machine);
                if (code == CLI_UNREACHABLE)
                        return code;
                worst = code > worst ? code : worst;
                if (code != CLI_OK)
                        continue;
                if (!is_quiet)
                        tell(cli, machine);
                (void)json_array_append(begun, machine);
        }
        return worst;
}

int cmd_machine_act(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *body = body_of(args);
        CLEANUP(json_decref_at) json_t *names = NULL;
        CLEANUP(json_decref_at) json_t *begun = json_array();

        if (!body || !begun)
                return cli_fail(CLI_LOCAL, "a value is no UTF-8 text, or memory is short");
        int code = read_options(args, body);
        if (code == CLI_OK)
                code = chosen_machines(cli, args, &names);
        if (code != CLI_OK)
                return code;
        code = begin_all(cli, args, names, body, begun);
        if (args_value(args, "wait") && json_array_size(begun) > 0) {
                int waited = wait_for(cli, begun);
                code = waited > code ? waited : code;
        }
        if (!cli->json)
                return code;
        int printed = print_json(args->n_words ? json_array_get(begun, 0) : begun);
        return code != CLI_OK ? code : printed;
}
