/* Our own address; see server.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/card/server.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble/api.h"
#include "app/bramble/print.h"

#define REMEDY "say which server the boards shall ask: --server ADDRESS, or --server dhcp to leave it to DHCP"

static bool is_in(const struct in_addr addr, const char *net) {
        char text[INET_ADDRSTRLEN];
        const size_t len = strcspn(net, "/");
        struct in_addr base;

        if (net[len] != '/' || len >= sizeof(text))
                return false;
        memcpy(text, net, len);
        text[len] = 0;
        const unsigned long bits = strtoul(net + len + 1, NULL, 10);
        const uint32_t mask = bits == 0 || bits > 32 ? 0 : UINT32_MAX << (32 - bits);
        return inet_pton(AF_INET, text, &base) == 1 &&
               ((ntohl(addr.s_addr) ^ ntohl(base.s_addr)) & mask) == 0;
}

/* How many addresses of ours lie in a subnet; the last of them. */
static size_t count_own(const struct ifaddrs *all, const json_t *subnet, struct in_addr *ret) {
        const char *interface = json_text_at(subnet, "interface");
        size_t n = 0;

        for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
                struct sockaddr_in in;
                if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET || strcmp(a->ifa_name, interface) != 0)
                        continue;
                memcpy(&in, a->ifa_addr, sizeof(in));
                if (!is_in(in.sin_addr, json_text_at(subnet, "net")))
                        continue;
                *ret = in.sin_addr;
                n++;
        }
        return n;
}

int card_server_find(struct cli *cli, char ret[static INET_ADDRSTRLEN]) {
        CLEANUP(json_decref_at) json_t *subnets = NULL;
        struct ifaddrs *own = NULL;
        struct in_addr found = {};
        const json_t *subnet;
        size_t i, n = 0;
        const int code = api_list(cli, "/api/v1/subnets", &subnets);

        if (code != CLI_OK) {
                cli_note("the daemon knows which subnets it serves; without it %s", REMEDY);
                return code;
        }
        if (getifaddrs(&own) < 0)
                own = NULL;
        json_array_foreach(subnets, i, subnet) {
                if (strcmp(json_text_at(subnet, "dhcp"), "off") != 0)
                        n += count_own(own, subnet, &found);
        }
        freeifaddrs(own);
        if (n != 1)
                return cli_fail(CLI_USAGE, "this machine has %s on the subnets that Bramble serves: " REMEDY,
                                n ? "several addresses" : "no address");
        (void)inet_ntop(AF_INET, &found, ret, INET_ADDRSTRLEN);
        return CLI_OK;
}
