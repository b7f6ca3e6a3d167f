/* bramble eeprom apply, rollout and stop: updates of machines' EEPROMs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "app/bramble/api.h"
#include "app/bramble/args.h"
#include "app/bramble/chosen.h"
#include "app/bramble/cmd.h"
#include "app/bramble/file.h"
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
        wish = json_pack("{s:O}", "machines", names);
        if (path &&
            json_object_set_new(wish, "config", json_stringn((const char *)config.octets, config.len)) < 0)
                return cli_fail(CLI_LOCAL, "%s: is no UTF-8 text", path);
        put_number(wish, "canaries", args, "canaries");
        put_number(wish, "wave", args, "wave");
        if ((code = api_json(cli, "POST", UPDATES, wish, &answer)) != CLI_OK)
                return code;
        const json_t *items = json_object_get(answer, "items");
        return cli->json ? print_json(items) : print_table(cli, columns, items);
}

int cmd_eeprom_rollout(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_list(cli, UPDATES, columns);
}

int cmd_eeprom_stop(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_delete(cli, UPDATES);
}
