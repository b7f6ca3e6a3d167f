/* bramble subnet … */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/body.h"
#include "app/bramble/cmd.h"
#include "app/bramble/noun.h"

static const struct column list_columns[] = {
        { .title = "SUBNET", .field = "net" },    { .title = "INTERFACE", .field = "interface" },
        { .title = "DHCP", .field = "dhcp" },     { .title = "UNKNOWN", .field = "unknown" },
        { .title = "RANGES", .field = "ranges" }, { .title = "GATEWAY", .field = "gateway" },
        { .title = "DNS", .field = "dns" },       {},
};

static const struct column show_columns[] = {
        { .title = "subnet", .field = "net" },
        { .title = "interface", .field = "interface" },
        { .title = "dhcp", .field = "dhcp" },
        { .title = "unknown", .field = "unknown" },
        { .title = "ranges", .field = "ranges" },
        { .title = "gateway", .field = "gateway" },
        { .title = "dns", .field = "dns" },
        { .title = "domain", .field = "domain" },
        { .title = "search", .field = "search" },
        { .title = "ntp", .field = "ntp" },
        { .title = "mtu", .field = "mtu" },
        { .title = "routes", .field = "routes" },
        { .title = "lease", .field = "lease_s" },
        { .title = "options", .field = "options" },
        { .title = "agent-https", .field = "agent_https" },
        {},
};

/* /api/v1/subnets/ADDRESS/PREFIX */
static char *path_of(const char *net) {
        char address[64];
        const char *slash = strchr(net, '/');

        (void)snprintf(address, sizeof(address), "%.*s", (int)(slash - net), net);
        return api_path("subnets", address, slash + 1, NULL);
}

/* What keeps a subnet from being served is told where it was made, not only to who asks for the status. */
static int tell(struct cli *cli, const struct args *args, const char *done, int code) {
        if (code != CLI_OK)
                return code;
        cli_done(cli, "%s subnet %s", done, args->words[0]);
        noun_problems(cli, args->words[0]);
        return CLI_OK;
}

int cmd_subnet_add(struct cli *cli, const struct args *args) {
        json_t *body = body_of(args);

        if (body)
                (void)json_object_set_new(body, "net", json_string(args->words[0]));
        const int code = tell(cli, args, "added", noun_send(cli, "POST", "/api/v1/subnets", body));
        if (code == CLI_OK && !args_value(args, "dhcp"))
                cli_done(cli, "DHCP is off on it: `bramble subnet set %s --dhcp server`, or proxy, serves it",
                         args->words[0]);
        return code;
}

int cmd_subnet_set(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = path_of(args->words[0]);

        if (args->n_given == 0)
                return cli_fail(CLI_USAGE,
                                "subnet set: what shall change? `bramble subnet set --help` lists it");
        return tell(cli, args, "changed", noun_send(cli, "PATCH", path, body_of(args)));
}

int cmd_subnet_list(struct cli *cli, const struct args *args) {
        (void)args;
        return noun_list(cli, "/api/v1/subnets", list_columns);
}

int cmd_subnet_show(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = path_of(args->words[0]);
        return noun_show(cli, path, show_columns, NULL);
}

int cmd_subnet_delete(struct cli *cli, const struct args *args) {
        CLEANUP(free_at) char *path = path_of(args->words[0]);
        const int code = noun_delete(cli, path);

        if (code == CLI_OK)
                cli_done(cli, "deleted subnet %s", args->words[0]);
        return code;
}
