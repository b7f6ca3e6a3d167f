/* bramble config-txt …: lines that are laid over the config.txt of Raspberry Pis, by board and by tag. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"
#include "app/bramble/text_file.h"

static const struct column list_columns[] = {
        { .title = "SCOPE", .field = "scope" },
        { .title = "NAME", .field = "name" },
        { .title = "GIVEN", .field = "created", .format = format_time },
        { .title = "LINES", .field = "text" },
        {},
};

/* "tag=rack-b" as the path of its lines, the caller's; NULL with a complaint. */
static char *path_of(const char *word) {
        static const char *const scopes[] = { "board", "tag" };
        const char *equals = strchr(word, '=');

        for (size_t i = 0; equals && equals[1] && i < ARRAY_LEN(scopes); i++) {
                if ((size_t)(equals - word) != strlen(scopes[i]) ||
                    strncmp(word, scopes[i], strlen(scopes[i])) != 0)
                        continue;
                char *path = api_path("config-txt", scopes[i], equals + 1, NULL);
                if (!path)
                        (void)cli_fail(CLI_LOCAL, "out of memory");
                return path;
        }
        (void)cli_fail(CLI_USAGE, "%s: whose lines? board=pi4b, say, or tag=rack-b", word);
        return NULL;
}

int cmd_config_txt_list(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_list(cli, "/api/v1/config-txt", list_columns);
}

/* As they are, so that they can go into a file and come back. */
int cmd_config_txt_show(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = path_of(args->words[0]);
        CLEANUP(json_decref_at) json_t *lines = NULL;

        if (!path)
                return CLI_USAGE;
        const int code = api_json(cli, "GET", path, NULL, &lines);
        if (code != CLI_OK)
                return code;
        if (cli->json)
                return print_json(lines);
        (void)fputs(json_text_at(lines, "text"), stdout);
        return CLI_OK;
}

int cmd_config_txt_set(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = path_of(args->words[0]);
        json_t *body = NULL;

        if (!path)
                return CLI_USAGE;
        body = json_object();
        int code = text_file_put(body, "text", args->words[1]);
        if (code != CLI_OK) {
                json_decref(body);
                return code;
        }
        code = noun_send(cli, "PUT", path, body);
        if (code == CLI_OK)
                cli_done(cli, "%s has these lines from its next boot on", args->words[0]);
        return code;
}

int cmd_config_txt_delete(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = path_of(args->words[0]);

        if (!path)
                return CLI_USAGE;
        const int code = noun_delete(cli, path);
        if (code == CLI_OK)
                cli_done(cli, "%s has no lines of its own any more", args->words[0]);
        return code;
}
