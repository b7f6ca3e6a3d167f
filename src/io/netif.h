/* Network interfaces as the kernel has them: number, name, MAC, IPv4 addresses, MTU, state; and word of
 * changes. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "io/loop.h"

enum { NETIF_ADDRS_MAX = 16, NETIF_MAX = 256 };

struct netif {
        unsigned ifindex;
        char name[16];
        struct mac mac; /* zero: no Ethernet */
        unsigned mtu;
        bool is_up;       /* by configuration */
        bool has_carrier; /* a cable (or its like) is in, and somebody is at its other end; never while it is
                             down */
        bool is_loopback;
        struct {
                uint32_t addr, mask; /* host byte order */
        } addrs[NETIF_ADDRS_MAX];    /* IPv4, in the kernel's order: the first is the primary one */
        size_t n_addrs;
};

/** netif_list() - all interfaces of this network namespace; at most NETIF_MAX. Return: how many, or -errno;
 * the caller frees *@ret. */
MUST_CHECK int netif_list(struct netif **ret);

/* Interfaces as they are read from the kernel's messages, links before their addresses. */
struct netif_table {
        struct netif *items; /* NETIF_MAX of them, all zero at first */
        size_t n;
};

struct nlmsghdr;

/** netif_take() - what one message tells of a link or an address; others change nothing. @ctx: struct
 * netif_table. Return: 0. */
int netif_take(void *ctx, const struct nlmsghdr *m);

struct netif_watch;

/** netif_watch() - call @fn after interfaces or addresses changed; several changes may come as one call. NULL
 * with errno. */
struct netif_watch *netif_watch(struct loop *l, void (*fn)(void *ctx), void *ctx);
void netif_unwatch(struct netif_watch *w); /* NULL is a no-op */
