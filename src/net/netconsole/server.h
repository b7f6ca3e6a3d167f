/*
 * Who hears netconsole: a raw socket on each link, as datagrams may be for any address and any MAC.
 *
 * Thin: packet.c reads, the backend judges. It answers nothing.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "io/loop.h"
#include "net/netconsole/packet.h"

enum { NETCONSOLE_LINKS_MAX = 64 };

struct netconsole_server;

/* @fn: for each datagram that came to the port, on the loop's thread. */
struct netconsole_server *netconsole_server_new(struct loop *loop, uint16_t port,
                                                void (*fn)(void *ctx, unsigned ifindex,
                                                           const struct netconsole_datagram *d),
                                                void *ctx);
void netconsole_server_free(struct netconsole_server *s);
DEFINE_CLEANUP(struct netconsole_server, netconsole_server_free)

/** netconsole_server_set_links() - hear these interfaces from now on, and no others. Return: 0, or -errno of
 * the first that cannot be heard; the others are. */
MUST_CHECK int netconsole_server_set_links(struct netconsole_server *s, const unsigned *ifindexes, size_t n);
