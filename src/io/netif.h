/* The network interfaces that are there now: index, MAC, IPv4 addresses; and word when that changes. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum { NETIF_ADDRS_MAX = 16 };

struct netif {
        unsigned index;
        char name[16];
        struct mac mac;
        unsigned mtu; /* octets */
        bool is_up;
        struct {
                uint32_t addr; /* host order, as the mask */
                uint32_t mask;
        } addrs[NETIF_ADDRS_MAX];
        size_t n_addrs;
};

/** netif_find() - by name; 0, -ENODEV, or -errno. */
MUST_CHECK int netif_find(const char *name, struct netif *ret);

/** netif_watch_open() - a descriptor that becomes readable when interfaces come, go or change their
 * addresses; or -errno. */
MUST_CHECK int netif_watch_open(void);
void netif_watch_drain(
        int fd); /* read what waits there: the interfaces themselves tell more than the messages */
