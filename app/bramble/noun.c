/* The requests that differ in their path only. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/noun.h"

int noun_list(struct cli *cli, const char *path, const struct column *columns) {
        CLEANUP(json_decref_at) json_t *items = NULL;
        const int code = api_list(cli, path, &items);

        if (code != CLI_OK)
                return code;
        return cli->json ? print_json(items) : print_table(cli, columns, items);
}

int noun_show(struct cli *cli, const char *path, const struct column *columns, json_t **ret_shown) {
        CLEANUP(json_decref_at) json_t *item = NULL;
        int code = api_json(cli, "GET", path, NULL, &item);

        if (code != CLI_OK)
                return code;
        code = cli->json ? print_json(item) : print_fields(cli, columns, item);
        if (ret_shown)
                *ret_shown = TAKE(item);
        return code;
}

int noun_delete(struct cli *cli, const char *path) {
        return api_json(cli, "DELETE", path, NULL, NULL);
}

int noun_send(struct cli *cli, const char *method, const char *path, json_t *body) {
        CLEANUP(json_decref_at) json_t *sent = body, *answer = NULL;

        if (!sent)
                return cli_fail(CLI_LOCAL, "a value is no UTF-8 text, or memory is short");
        const int code = api_json(cli, method, path, sent, &answer);
        return code == CLI_OK && cli->json ? print_json(answer) : code;
}

void noun_problems(struct cli *cli, const char *about) {
        CLEANUP(json_decref_at) json_t *status = NULL;
        const json_t *problem;
        size_t i;

        if (api_json(cli, "GET", "/api/v1/status", NULL, &status) != CLI_OK)
                return;
        json_array_foreach(json_object_get(status, "problems"), i, problem) {
                const char *sentence = json_string_value(problem);
                if (sentence && strstr(sentence, about))
                        cli_note("problem: %s", sentence);
        }
}
