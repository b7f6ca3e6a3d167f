/* Settings from a command line; see wish.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/wish.h"

#include <arpa/inet.h>
#include <string.h>

#include "app/bramble/card/server.h"
#include "base/text.h"

static int read_boot_order(const char *text, uint32_t *ret) {
        uint64_t order;

        if (!text)
                return CLI_OK;
        if (text_parse_u64(text, UINT32_MAX, &order) < 0 || order == 0)
                return cli_fail(CLI_USAGE, "\"%.40s\" is no boot order: it is written as in 0xf12", text);
        *ret = (uint32_t)order;
        return CLI_OK;
}

/* @buf: of an address that was looked for. */
static int choose_server(struct cli *cli, const char *given, char buf[static INET_ADDRSTRLEN],
                         const char **ret) {
        struct in_addr addr;

        if (!given) {
                const int code = card_server_find(cli, buf);
                *ret = buf;
                return code;
        }
        *ret = strcmp(given, "dhcp") == 0 ? NULL : given;
        if (*ret && inet_pton(AF_INET, given, &addr) != 1)
                return cli_fail(CLI_USAGE, "--server takes an IPv4 address, as in 192.168.77.1, "
                                           "or dhcp: an EEPROM knows no names");
        return CLI_OK;
}

int card_wish_settings(struct cli *cli, const struct args *args, char server[static INET_ADDRSTRLEN],
                       struct card_settings *ret) {
        const int code = read_boot_order(args_value(args, "boot-order"), &ret->boot_order);
        return code == CLI_OK ? choose_server(cli, args_value(args, "server"), server, &ret->server) : code;
}
