/*
 * Who has which IPv4 address: the table of leases and the choice of the next one (RFC 2131 section 4.3.1).
 *
 * Pure: time is passed in, and every change is returned as a record that the journal makes durable before the
 * ACK leaves. One table serves all subnets of a rack. Nothing here walks the table for a packet: choosing an
 * address costs O(log n) however large the pool is.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/hash.h"
#include "core/lease/vacancy.h"

enum {
        LEASE_KEY_MAX = 64,      /* octets */
        LEASE_HOSTNAME_MAX = 63, /* octets */
        LEASES_MAX = 1 << 18     /* remembered in all (100 MB): beyond it only expired addresses are given */
};

enum lease_state {
        LEASE_FREE,    /* given back, or an offer that lapsed: only so that its client finds it again */
        LEASE_OFFERED, /* held for a moment; not on disk */
        LEASE_BOUND,   /* acknowledged, or an OFFER that is the end (Pi ROM): on disk first */
        LEASE_DECLINED /* somebody else uses the address: not given until the time is up */
};

/* Keyed by client identifier, or by hardware address where the client sent none (RFC 2131 section 4.2),
 * within a subnet. */
struct lease_client {
        uint64_t subnet;            /* id */
        uint8_t key[LEASE_KEY_MAX]; /* filled by lease_client_key() */
        uint8_t key_len;            /* 0 in a lease: nobody's */
        struct mac mac;
        char hostname[LEASE_HOSTNAME_MAX + 1];
};

struct lease {
        uint32_t addr; /* host order; never 0 */
        enum lease_state state;
        struct lease_client client;
        int64_t expires_s; /* Unix time: it must mean the same after a restart */
        int64_t granted_s; /* Unix time of the last ACK; 0: it was only offered */
};

/* The addresses that may be chosen for one subnet, from its configuration. */
struct lease_pool {
        uint64_t subnet;
        struct vacancy_range ranges[VACANCY_RANGES_MAX];
        size_t n_ranges;
        /* Addresses that are somebody's by reservation, or ours: never chosen for another. NULL: there are
         * none. */
        bool (*is_reserved)(void *ctx, uint32_t addr);
        void *ctx;
};

struct lease_table;

struct lease_table *lease_table_new(struct hash_key key);
void lease_table_free(struct lease_table *t);
DEFINE_CLEANUP(struct lease_table, lease_table_free)

/**
 * lease_client_key() - set what the client is known by: its identifier (option 61), or its hardware address
 * @id:         the identifier as sent, or NULL
 * @id_len:     its length; one too long to keep is kept as its first octets and a hash
 *
 * Sets @who->mac, too.
 */
void lease_client_key(struct lease_client *who, const void *id, size_t id_len, const struct mac *mac);

enum lease_answer { LEASE_OK = 0, LEASE_POOL_EMPTY, LEASE_NOT_YOURS, LEASE_UNKNOWN };

/**
 * lease_offer() - choose and hold an address for a client
 * @wanted:     what it asked for (option 50), 0: nothing
 * @reserved:   the address that the site reserves for it, 0: none
 * @hold_s:     how long the offer is held
 *
 * The reserved address; its old one if it still can be had; then @wanted; then never-used ones, going round;
 * then the one that expired longest ago. While somebody else still holds the reserved address, the client is
 * treated as one without a reservation. A lease that still runs stays bound: the offer costs it nothing.
 *
 * Return: LEASE_OK, LEASE_POOL_EMPTY, or -ENOMEM.
 */
int lease_offer(struct lease_table *t, const struct lease_pool *pool, const struct lease_client *who,
                uint32_t wanted, uint32_t reserved, int64_t now_s, uint32_t hold_s, struct lease *ret);

/**
 * lease_bind() - acknowledge: from REQUEST in any of its states, or an OFFER that is the end
 *
 * What else the client held in this subnet becomes free; lease_restore() concludes the same from this one
 * record.
 *
 * Return: LEASE_OK with the lease that must be written before the answer leaves; LEASE_NOT_YOURS (NAK: the
 * address is another's, is not in the pool any more, or is not the one that this client has); LEASE_UNKNOWN
 * (silence: we know nothing of this client, RFC 2131 section 4.3.2. A caller that sees its own server
 * identifier in the request, or an address of another network, may say NAK); or -ENOMEM.
 */
int lease_bind(struct lease_table *t, const struct lease_pool *pool, const struct lease_client *who,
               uint32_t addr, uint32_t reserved, int64_t now_s, uint32_t lease_s, struct lease *ret);

/** lease_release(), lease_decline() - true with the changed lease in @ret (to be written) when it was this
 * client's. */
bool lease_release(struct lease_table *t, const struct lease_client *who, uint32_t addr, int64_t now_s,
                   struct lease *ret);
bool lease_decline(struct lease_table *t, const struct lease_client *who, uint32_t addr, int64_t now_s,
                   uint32_t quarantine_s, struct lease *ret);

/** lease_withdraw() - its client chose another server (RFC 2131 section 4.3.2): the address that it was only
 * offered is free for others. Return: that address; 0: none. Nothing is to be written. */
uint32_t lease_withdraw(struct lease_table *t, const struct lease_client *who);

/**
 * lease_conflict() - a probe found @addr in use by a stranger: as decline, but without its client's word
 *
 * A lease that runs stays: it is its own client that answers there. Return: true with the change in @ret.
 */
bool lease_conflict(struct lease_table *t, uint32_t addr, int64_t now_s, uint32_t quarantine_s,
                    struct lease *ret);

/** lease_restore() - put back what the journal held; later records win. 0 or -ENOMEM. */
MUST_CHECK int lease_restore(struct lease_table *t, const struct lease *l);

/**
 * lease_shift() - the clock was set: what it showed as T shows as T + @by_s now
 *
 * Moves all times of this run, so that no lease ends early or late by it. What came from the journal was
 * written by the clock of another run and stays: where the clock was wrong until now (a server without a
 * battery), that one was right. Returns nothing to be written; the journal must be compacted, so that it
 * knows the new times.
 */
void lease_shift(struct lease_table *t, int64_t by_s);

const struct lease *lease_find_addr(const struct lease_table *t, uint32_t addr);

/** lease_find_client() - the lease that @who has in its subnet: running, else offered, else remembered; NULL:
 * none. */
const struct lease *lease_find_client(const struct lease_table *t, const struct lease_client *who);

/** lease_after() - the next one behind @addr in the order of addresses, in whatever state; 0: the first.
 * NULL: there is none. */
const struct lease *lease_after(const struct lease_table *t, uint32_t addr);

/** lease_next() - the next one behind one of a table; NULL: it is the last. */
const struct lease *lease_next(const struct lease *l);

/** lease_count() - addresses remembered, in whatever state. */
size_t lease_count(const struct lease_table *t);

/** lease_each() - call @fn until it returns non-zero, and return that; in no order. The table must not change
 * on the way. */
int lease_each(const struct lease_table *t, int (*fn)(void *ctx, const struct lease *l), void *ctx);

bool lease_is_active(const struct lease *l, int64_t now_s);

/**
 * lease_next_likely() - the address that the next new client of @pool would be offered, for a conflict probe
 * ahead
 *
 * Return: the address, or 0 when the pool is empty. Nothing is held.
 */
uint32_t lease_next_likely(struct lease_table *t, const struct lease_pool *pool, int64_t now_s);
