/*
 * The kernel's table of neighbours (ARP): permanent entries of ours for clients that boot, and who has an
 * address.
 *
 * A permanent entry is exempt from the table's limit (gc_thresh3) and asks nothing on the wire: boards whose
 * firmware answers ARP badly in the middle of a transfer stay reachable. Ours carry a mark of their own, so
 * that leftovers can be told from an operator's.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/** neighbour_open() - the descriptor that the calls below take; -errno. One thread uses it at a time. */
MUST_CHECK int neighbour_open(void);

struct neighbour {
        unsigned ifindex;
        uint32_t addr; /* host byte order */
        struct mac mac;
        bool is_ours;
};

/** neighbour_set() - @addr is at @mac, for good. An entry that an operator made permanent stays as it is
 * (-EEXIST). */
MUST_CHECK int neighbour_set(int fd, unsigned ifindex, uint32_t addr, const struct mac *mac);

/** neighbour_remove() - forget an entry; 0 also when there was none. */
MUST_CHECK int neighbour_remove(int fd, unsigned ifindex, uint32_t addr);

/** neighbour_find() - who has @addr on a link, as far as the kernel knows now; 0, or -ENOENT. */
MUST_CHECK int neighbour_find(int fd, unsigned ifindex, uint32_t addr, struct mac *ret);

/** neighbour_each() - all known ones until @fn returns non-zero, which is passed on. */
MUST_CHECK int neighbour_each(int fd, int (*fn)(void *ctx, const struct neighbour *n), void *ctx);

struct nlmsghdr;

/** neighbour_read() - what one message of the kernel's tells, and the entry's state (NUD_…); false: no IPv4
 * neighbour with a hardware address that can be used. */
bool neighbour_read(const struct nlmsghdr *m, struct neighbour *ret, uint16_t *ret_state);

/** neighbour_remove_ours() - remove what an earlier run left behind. Return: how many, or -errno. */
MUST_CHECK int neighbour_remove_ours(int fd);
