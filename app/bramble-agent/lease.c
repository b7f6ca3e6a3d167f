/* Messages about a lease; see lease.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/lease.h"
#include "base/addr.h"

static const struct {
        const char *word;
        enum lease_event event;
} events[] = {
        { "deconfig", LEASE_LOST },
        { "bound", LEASE_BOUND },
        { "renew", LEASE_BOUND },
};

int lease_message(const char *event, const char *(*env)(const char *name),
                  char buf[static LEASE_MESSAGE_MAX]) {
        static const char *const names[] = { "ip", "subnet", "router" };
        size_t i = 0;

        while (i < ARRAY_LEN(events) && strcmp(events[i].word, event) != 0)
                i++;
        if (i == ARRAY_LEN(events))
                return -EINVAL;
        int len = snprintf(buf, LEASE_MESSAGE_MAX, "%s", event);
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
                const char *value = env(names[k]);
                /* The first of several routers is the one that the server prefers (RFC 2132 section 3.5). */
                int n = value ? (int)strcspn(value, " ") : 0;
                len += snprintf(buf + len, (size_t)(LEASE_MESSAGE_MAX - len), " %.*s",
                                n > 15 || n == 0 ? 1 : n, n > 15 || n == 0 ? "-" : value);
        }
        return 0;
}

static uint32_t parse_address(const char *text) {
        struct ip_addr address;
        return ip_parse(text, &address) == 0 ? ip_to_v4(&address) : 0;
}

int lease_parse(const char *message, struct lease *ret) {
        char event[16], ip[16], mask[16], router[16];
        size_t i = 0;

        if (sscanf(message, "%15s %15s %15s %15s", event, ip, mask, router) != 4)
                return -EINVAL;
        while (i < ARRAY_LEN(events) && strcmp(events[i].word, event) != 0)
                i++;
        if (i == ARRAY_LEN(events))
                return -EINVAL;
        struct lease lease = { .event = events[i].event,
                               .address = parse_address(ip),
                               .mask = parse_address(mask),
                               .router = parse_address(router) };
        if (lease.event == LEASE_BOUND && lease.address == 0)
                return -EINVAL;
        *ret = lease;
        return 0;
}
