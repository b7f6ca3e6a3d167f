/* bramble eeprom apply, rollout and stop: updates of machines' EEPROMs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/chosen.h"
#include "app/bramble/cmd.h"
#include "app/bramble/eeprom_file.h"
#include "app/bramble/noun.h"

enum { CONFIG_MAX = 4076 };

#define UPDATES "/api/v1/eeprom/updates"

static const struct column columns[] = {
        { .title = "MACHINE", .field = "machine" },
        { .title = "WAVE", .field = "wave", .is_right = true },
        { .title = "STEP", .field = "step" },
        { .title = "SINCE", .field = "since", .format = format_time },
        { .title = "IMAGE", .field = "image" },
        { .title = "WHY", .field = "why" },
        {},
};

static void put_number(json_t *wish, const char *member, const struct args *args, const char *option) {
        const char *value = args_value(args, option);
        if (value)
                (void)json_object_set_new(wish, member, json_integer(atoll(value)));
}

int cmd_eeprom_apply(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *names = NULL, *wish = NULL, *answer = NULL;
        CLEANUP(file_octets_end) struct file_octets config = {};
        const char *path = args_value(args, "config");
        int code;

        if (path && (code = file_read(path, CONFIG_MAX, &config)) != CLI_OK)
                return code;
        if ((code = chosen_machines(cli, args, &names)) != CLI_OK)
                return code;
        if (path)
                eeprom_config_remarks(path, config.octets, config.len);
        wish = json_pack("{s:O}", "machines", names);
        if (path &&
            json_object_set_new(wish, "config", json_stringn((const char *)config.octets, config.len)) < 0)
                return cli_fail(CLI_LOCAL, "%s: is no UTF-8 text", path);
        put_number(wish, "canaries", args, "canaries");
        put_number(wish, "wave", args, "wave");
        if (args_value(args, "within"))
                (void)json_object_set_new(wish, "within_s",
                                          json_integer(atoll(args_value(args, "within")) * 3600));
        if (args_value(args, "by"))
                (void)json_object_set_new(wish, "by", json_string(args_value(args, "by")));
        if (args_value(args, "roll-back"))
                (void)json_object_set_new(wish, "roll_back", json_true());
        if ((code = api_json(cli, "POST", UPDATES, wish, &answer)) != CLI_OK)
                return code;
        const json_t *items = json_object_get(answer, "items");
        const size_t n_unchanged = json_array_size(json_object_get(answer, "unchanged"));
        if (n_unchanged > 0)
                (void)fprintf(stderr, "bramble: %zu of them have it already, and are left as they are\n",
                              n_unchanged);
        return cli->json ? print_json(items) : print_table(cli, columns, items);
}

int cmd_eeprom_rollout(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_list(cli, UPDATES, columns);
}

/* Where a board cannot have back what it had, that is said, and the others get it all the same. */
int cmd_eeprom_rollback(struct cli *cli, const struct args *args) {
        CLEANUP(json_decref_at) json_t *wish = json_object(), *answer = NULL;
        const json_t *refused;
        size_t i;

        if (args->n_words > 0)
                (void)json_object_set_new(wish, "machines", json_pack("[s]", args->words[0]));
        int code = api_json(cli, "POST", UPDATES "/back", wish, &answer);
        if (code != CLI_OK)
                return code;
        const json_t *items = json_object_get(answer, "items"), *list = json_object_get(answer, "refused");
        json_array_foreach(list, i, refused)(void)
                fprintf(stderr, "bramble: %s\n", json_text_at(refused, "why"));
        code = cli->json ? print_json(answer) : print_table(cli, columns, items);
        return code == CLI_OK && json_array_size(list) > 0 ? CLI_REFUSED : code;
}

int cmd_eeprom_stop(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_delete(cli, UPDATES);
}
