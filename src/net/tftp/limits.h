/*
 * How many transfers may run: in all, and for one client address. Shared by all workers without a lock.
 *
 * Clients are counted by a keyed hash of their address in a table of fixed size: nothing a stranger sends
 * makes it grow, and two addresses share a count once in 65,536 times.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/addr.h"
#include "base/hash.h"

enum { TFTP_LIMITS_COUNTS = 1 << 16 };

struct tftp_limits {
        struct hash_key key;
        unsigned max, per_client_max;
        atomic_uint n;
        atomic_ushort of_client[TFTP_LIMITS_COUNTS];
};

/** tftp_limits_new() - nothing runs yet; NULL when out of memory. free() it. @per_client_max is at most
 * UINT16_MAX - 64. */
struct tftp_limits *tftp_limits_new(struct hash_key key, unsigned max, unsigned per_client_max);

/** tftp_limits_has_room() - whether @client may have one more by its own limit; nothing is counted. */
bool tftp_limits_has_room(struct tftp_limits *l, const struct ip_addr *client);

/** tftp_limits_take() - true: one more transfer of @client may run, and is counted. */
bool tftp_limits_take(struct tftp_limits *l, const struct ip_addr *client);
void tftp_limits_give(struct tftp_limits *l, const struct ip_addr *client);
