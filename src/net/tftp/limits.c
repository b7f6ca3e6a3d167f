/* Counting transfers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/limits.h"

struct tftp_limits *tftp_limits_new(struct hash_key key, unsigned max, unsigned per_client_max) {
        enum { COUNT_MAX = UINT16_MAX - 64 }; /* workers that count at the same moment do not carry it over */

        struct tftp_limits *l = calloc(1, sizeof(*l));
        if (!l)
                return NULL;
        l->key = key;
        l->max = max;
        l->per_client_max = per_client_max < COUNT_MAX ? per_client_max : COUNT_MAX;
        return l;
}

static atomic_ushort *count_of(struct tftp_limits *l, const struct ip_addr *client) {
        return &l->of_client[hash_siphash(l->key, client, sizeof(*client)) % TFTP_LIMITS_COUNTS];
}

bool tftp_limits_has_room(struct tftp_limits *l, const struct ip_addr *client) {
        return atomic_load_explicit(count_of(l, client), memory_order_relaxed) < l->per_client_max;
}

bool tftp_limits_take(struct tftp_limits *l, const struct ip_addr *client) {
        atomic_ushort *count = count_of(l, client);

        if (atomic_fetch_add_explicit(&l->n, 1, memory_order_relaxed) >= l->max) {
                atomic_fetch_sub_explicit(&l->n, 1, memory_order_relaxed);
                return false;
        }
        if (atomic_fetch_add_explicit(count, 1, memory_order_relaxed) >= l->per_client_max) {
                tftp_limits_give(l, client);
                return false;
        }
        return true;
}

void tftp_limits_give(struct tftp_limits *l, const struct ip_addr *client) {
        atomic_fetch_sub_explicit(count_of(l, client), 1, memory_order_relaxed);
        atomic_fetch_sub_explicit(&l->n, 1, memory_order_relaxed);
}
