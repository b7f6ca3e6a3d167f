/*
 * Who has which IPv4 address: the table of leases and the choice of the next one (RFC 2131 section 4.3.1).
 *
 * Pure: time is passed in, and every change is returned as a record that the journal makes durable before the
 * ACK leaves. One table serves all subnets of a rack.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/hash.h"

enum { LEASE_KEY_MAX = 64, LEASE_HOSTNAME_MAX = 63 };

enum lease_state {
        LEASE_FREE,    /* never given, or given back: only so that its client finds it again */
        LEASE_OFFERED, /* held for a moment; not on disk */
        LEASE_BOUND,   /* acknowledged, or an OFFER that is the end (Pi ROM): on disk first */
        LEASE_DECLINED /* somebody else uses the address: not given until the time is up */
};

/* Keyed by client identifier, or by hardware address where the client sent none (RFC 2131 section 4.2),
 * within a subnet. */
struct lease_client {
        uint64_t subnet;            /* id */
        uint8_t key[LEASE_KEY_MAX]; /* 1 + client-id, or 0 + MAC */
        uint8_t key_len;
        struct mac mac;
        char hostname[LEASE_HOSTNAME_MAX + 1];
};

struct lease {
        uint32_t addr;
        enum lease_state state;
        struct lease_client client;
        int64_t expires_s; /* Unix time: it must mean the same after a restart */
        int64_t granted_s;
};

/* The addresses that may be chosen for one subnet, from its configuration. */
struct lease_pool {
        uint64_t subnet;
        struct {
                uint32_t first, last; /* both included */
        } ranges[32];
        size_t n_ranges;
        /* Addresses that are somebody's by reservation, or ours: never chosen for another. */
        bool (*is_reserved)(void *ctx, uint32_t addr);
        void *ctx;
};

struct lease_table;

struct lease_table *lease_table_new(struct hash_key key);
void lease_table_free(struct lease_table *t);
DEFINE_CLEANUP(struct lease_table, lease_table_free)

enum lease_answer { LEASE_OK = 0, LEASE_POOL_EMPTY, LEASE_NOT_YOURS, LEASE_UNKNOWN };

/**
 * lease_offer() - choose and hold an address for a client
 * @wanted:     what it asked for (option 50), 0: nothing
 * @reserved:   the address that the site reserves for it, 0: none
 * @hold_s:     how long the offer is held
 *
 * Its old address if it still can be had, then @wanted, then never-used ones, then the one that expired
 * longest ago. Return: LEASE_OK, LEASE_POOL_EMPTY, or -ENOMEM.
 */
int lease_offer(struct lease_table *t, const struct lease_pool *pool, const struct lease_client *who,
                uint32_t wanted, uint32_t reserved, int64_t now_s, uint32_t hold_s, struct lease *ret);

/**
 * lease_bind() - acknowledge: from REQUEST in any of its states, or an OFFER that is the end
 *
 * Return: LEASE_OK with the lease that must be written before the answer leaves; LEASE_NOT_YOURS (NAK);
 * LEASE_UNKNOWN (silence: we know nothing of this client); or -ENOMEM.
 */
int lease_bind(struct lease_table *t, const struct lease_pool *pool, const struct lease_client *who,
               uint32_t addr, uint32_t reserved, int64_t now_s, uint32_t lease_s, struct lease *ret);

/** lease_release(), lease_decline() - true with the changed lease in @ret (to be written) when it was this
 * client's. */
bool lease_release(struct lease_table *t, const struct lease_client *who, uint32_t addr, int64_t now_s,
                   struct lease *ret);
bool lease_decline(struct lease_table *t, const struct lease_client *who, uint32_t addr, int64_t now_s,
                   uint32_t quarantine_s, struct lease *ret);

/** lease_conflict() - a probe found @addr in use by a stranger: as decline, but without its client's word. */
bool lease_conflict(struct lease_table *t, uint32_t addr, int64_t now_s, uint32_t quarantine_s,
                    struct lease *ret);

/** lease_restore() - put back what the journal held; later records win. 0 or -ENOMEM. */
int lease_restore(struct lease_table *t, const struct lease *l);

const struct lease *lease_find_addr(const struct lease_table *t, uint32_t addr);
const struct lease *lease_find_client(const struct lease_table *t, const struct lease_client *who);
size_t lease_count(const struct lease_table *t);
int lease_each(const struct lease_table *t, int (*fn)(void *ctx, const struct lease *l),
               void *ctx); /* in address order is not promised */
bool lease_is_active(const struct lease *l, int64_t now_s);

/** lease_next_likely() - the address that the next new client of @pool would be offered, for a conflict probe
 * ahead; 0: none. */
uint32_t lease_next_likely(const struct lease_table *t, const struct lease_pool *pool, int64_t now_s);
