/* bramble status. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "app/bramble/api.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"

static const struct column columns[] = {
        { .title = "version", .field = "version" }, { .title = "revision", .field = "revision" },
        { .title = "subnets", .field = "subnets" }, { .title = "machines", .field = "machines" },
        { .title = "images", .field = "images" },   {},
};

int cmd_status(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *status = NULL;
        const char *name;
        const json_t *value;
        size_t i;
        const int code = noun_show(cli, "/api/v1/status", columns, &status);

        (void)args;
        if (code != CLI_OK || cli->json)
                return code;
        json_array_foreach(json_object_get(status, "problems"), i, value) {
                (void)printf(cli->is_terminal ? "problem   %s\n" : "problem\t%s\n", json_string_value(value));
        }
        if (cli->is_terminal)
                (void)puts("");
        json_object_foreach(json_object_get(status, "counters"), name, value) {
                (void)printf(cli->is_terminal ? "%-24s  %" JSON_INTEGER_FORMAT "\n"
                                              : "%s\t%" JSON_INTEGER_FORMAT "\n",
                             name, json_integer_value(value));
        }
        return CLI_OK;
}
