/* The machines that a command is about; see chosen.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/chosen.h"

#include "app/bramble/api.h"

static json_t *names_of(const json_t *machines) {
        json_t *names = json_array();
        const json_t *m;
        size_t i;

        json_array_foreach(machines, i, m)(void) json_array_append(names, json_object_get(m, "name"));
        return names;
}

static const char *const selectors[] = { "state", "tag", "pool", "zone" };

int chosen_machines(struct cli *cli, const struct args *args, json_t **ret_names) {
        CLEANUP(free_at) char *path = api_path("machines", NULL);
        CLEANUP(json_decref_at) json_t *machines = NULL;
        bool is_selected = args_value(args, "all") != NULL;

        for (size_t at = 0; at < ARRAY_LEN(selectors); at++) {
                const char *value = args_value(args, selectors[at]);
                is_selected = is_selected || value;
                api_query(&path, selectors[at], value);
        }
        if (is_selected == (args->n_words > 0))
                return cli_fail(CLI_USAGE,
                                "%s %s: which ones? Give the name of one, or --all, --tag, --pool, "
                                "--zone or --state",
                                args->command->noun, args->command->verb);
        if (args->n_words > 0) {
                *ret_names = json_pack("[s]", args->words[0]);
                return CLI_OK;
        }
        int code = api_list(cli, path, &machines);
        if (code != CLI_OK)
                return code;
        if (json_array_size(machines) == 0)
                return cli_fail(CLI_REFUSED, "%s %s: no machine is like that", args->command->noun,
                                args->command->verb);
        *ret_names = names_of(machines);
        return CLI_OK;
}
