/*
 * The subnets of one snapshot as DHCP needs them: options in wire form and pools, made once a snapshot and
 * not once a packet.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "core/lease/lease.h"
#include "core/site/site.h"
#include "net/dhcp4/server.h"

struct net {
        const struct subnet *subnet; /* borrowed from the snapshot */
        struct dhcp4_net dhcp4;      /* its server is set by links_update(); 0: no address of ours is in it */
        struct lease_pool pool;      /* the caller sets is_reserved and its context */
};

struct nets {
        struct site *site; /* one reference */
        struct arena *arena;
        struct net *items; /* in the site's order */
        size_t n;
};

/** nets_new() - the nets of @site; NULL when out of memory. */
struct nets *nets_new(const struct site *site);
void nets_free(struct nets *n);
DEFINE_CLEANUP(struct nets, nets_free)

/** nets_of() - the net whose subnet holds @addr (host order) by the longest prefix; NULL. */
const struct net *nets_of(const struct nets *n, uint32_t addr);

/** nets_on(), nets_next_on() - the first net on an interface that is not off, and the one after @after; NULL.
 */
const struct net *nets_on(const struct nets *n, const char *interface);
const struct net *nets_next_on(const struct nets *n, const char *interface, const struct net *after);
