/*
 * The kernel's neighbour table: who has which address on the link.
 *
 * TFTP answers firmware that is bad at ARP (raspberry-pi.md section 1.2), to more clients than the table
 * learns by itself (net.ipv4.neigh.default.gc_thresh3, 1,024 in all): so every on-link client gets a
 * permanent entry while it boots. They are bounded in number, removed with the boot session, and carry a
 * protocol mark by which leftovers are found at start.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/addr.h"
#include "base/error.h"

struct neighbours;

/** neighbours_open() - ready to set entries; removes those that an earlier run left behind. 0, or -errno with
 * a sentence. */
MUST_CHECK int neighbours_open(struct neighbours **ret, struct error *reterr);
void neighbours_close(struct neighbours *n);

/** neighbours_add() - a permanent entry; 0, -ENOSPC when too many stand already, or -errno. */
MUST_CHECK int neighbours_add(struct neighbours *n, unsigned ifindex, const struct ip_addr *ip,
                              const struct mac *mac);

/** neighbours_remove() - take our entry away again. */
void neighbours_remove(struct neighbours *n, unsigned ifindex, const struct ip_addr *ip);

/** neighbour_lookup() - any thread: the MAC behind an on-link IPv4 address; 0, or -ENOENT when the kernel
 * does not know it. */
MUST_CHECK int neighbour_lookup(unsigned ifindex, const struct ip_addr *ip, struct mac *ret);
