/* Settings from a command line; see wish.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/wish.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble/card/server.h"
#include "base/text.h"

enum { ORDER_DIGITS = 8 };

/* Its digits are hexadecimal, whether 0x stands before them or not: nobody means the number twelve by 12. */
static int read_boot_order(const char *text, uint32_t *ret) {
        const char *digits = text && text_starts_with(text, "0x") ? text + 2 : text;
        const size_t n = digits ? strspn(digits, "01234567efEF") : 0;

        if (!text)
                return CLI_OK;
        if (digits[n] > ' ' && digits[n] < 0x7f)
                return cli_fail(
                        CLI_USAGE,
                        "--boot-order: \"%.40s\" has a '%c', which is no way to boot: these are 0 to 7, "
                        "e and f, as in 0xf12",
                        text, digits[n]);
        const unsigned long order = n > 0 && n <= ORDER_DIGITS ? strtoul(digits, NULL, 16) : 0;
        if (digits[n] || order == 0)
                return cli_fail(
                        CLI_USAGE,
                        "--boot-order: \"%.40s\" is no boot order: it has up to %d digits, as in 0xf12", text,
                        ORDER_DIGITS);
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
