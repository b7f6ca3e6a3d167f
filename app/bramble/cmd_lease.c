/* bramble lease … */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"

static const struct column columns[] = {
        { .title = "IP", .field = "ip" },
        { .title = "STATE", .field = "state" },
        { .title = "MAC", .field = "mac" },
        { .title = "MACHINE", .field = "machine" },
        { .title = "HOSTNAME", .field = "hostname" },
        { .title = "GRANTED", .field = "granted", .format = format_time },
        { .title = "EXPIRES", .field = "expires", .format = format_time },
        {},
};

int cmd_lease_list(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = api_path("leases", NULL);

        api_query(&path, "state", args_value(args, "state"));
        api_query(&path, "mac", args_value(args, "mac"));
        return noun_list(cli, path, columns);
}
