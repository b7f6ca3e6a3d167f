/*
 * The inside of the lease table: entries, the two ways to find one, and one shard a subnet to choose from.
 *
 * Only lease.c (which decides) and tests look in here. An entry is one address; the entries of one client in
 * one subnet are at most two: the one it has or had, and one that it is being offered instead.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/sorted.h"
#include "core/lease/heap.h"
#include "core/lease/lease.h"

struct shard;

/* Whose an address was that is only offered to another: nearly always the offer comes to nothing. */
struct prior {
        struct lease_client client;
        int64_t granted_s, expires_s;
        bool is_restored;
};

struct entry {
        struct lease lease;
        bool is_linked;      /* to its client; false: nobody's (declined, or forgotten) */
        bool is_restored;    /* its times are the journal's, and not of this run (lease_shift()) */
        struct prior *prior; /* NULL: it was nobody's before */
        struct heap_node
                until; /* Unix time from which another may have the address; in its shard's heap or outside */
        struct heap_node offer;  /* Unix time at which the offer lapses; only while it is one */
        int64_t prior_expires_s; /* of an offered one that its client had before */
        struct shard *shard;     /* whose ranges hold it; NULL: outside of all */
        uint64_t client_hash;
        struct entry *next_addr, *next_client;
        struct sorted_node in_order;
};

/* The pool of one subnet, as it was configured when last asked for. */
struct shard {
        uint64_t subnet;
        struct vacancy_range ranges[VACANCY_RANGES_MAX];
        size_t n_ranges;
        struct vacancy *vacancy;  /* occupied: there is an entry, or it was seen to be reserved */
        struct heap expiry;       /* of its entries; those that were seen to be reserved are left out */
        size_t n_entries, n_lent; /* @n_lent: those with a prior client */
        uint32_t cursor;          /* where the search for a never-used address goes on */
        bool has_left_out;        /* something reserved was left out: it may not be reserved for ever */
        int64_t refreshed_s;      /* Unix time when all that was put back last */
};

struct lease_table {
        struct hash_key key;
        struct entry **by_addr, **by_client; /* chains; the same number of each, a power of two */
        size_t n_buckets, n;
        struct sorted in_order; /* by address, for who looks at the table by the page */
        uint64_t order;         /* of changes, to tell the older of two that expire in one second */
        struct shard **shards;
        size_t n_shards;
        struct heap offers;  /* what lapses first */
        struct heap outside; /* entries that are in no pool */
};

struct entry *table_at(const struct lease_table *t, uint32_t addr);

/** table_of_client() - the first entry of @who after @after (NULL: from the start), or NULL. */
struct entry *table_of_client(const struct lease_table *t, const struct lease_client *who,
                              const struct entry *after);

bool entry_is_of(const struct entry *e, const struct lease_client *who);
bool entry_was_of(const struct entry *e,
                  const struct lease_client *who); /* before it was offered to another */

/** entry_add() - a new FREE entry, nobody's, expired since ever. There is none at @addr. 0 or -ENOMEM. */
MUST_CHECK int entry_add(struct lease_table *t, uint32_t addr, struct entry **ret);
void entry_remove(struct lease_table *t, struct entry *e);

/** entry_lend() - remember its client, for the time that it is only offered to another; a no-op where it has
 * none.
 */
void entry_lend(struct entry *e);

/** entry_return() - it is its prior client's again, free since that one's lease ran out. */
void entry_return(struct lease_table *t, struct entry *e);

/** entry_keep() - forget the prior client: the one that it was offered has it now. */
void entry_keep(struct entry *e);

/** entry_link() - make it @who's; entry_unlink() makes it nobody's. */
void entry_link(struct lease_table *t, struct entry *e, const struct lease_client *who);
void entry_unlink(struct lease_table *t, struct entry *e);

/** entry_set() - its state, when that ends, and from when another may have the address. */
void entry_set(struct lease_table *t, struct entry *e, enum lease_state state, int64_t expires_s,
               int64_t until_s);

static inline bool pool_reserves(const struct lease_pool *pool, uint32_t addr) {
        return pool->is_reserved && pool->is_reserved(pool->ctx, addr);
}

/** shard_of() - the shard of a pool, made or made anew when its ranges are new. 0 or -ENOMEM. */
MUST_CHECK int shard_of(struct lease_table *t, const struct lease_pool *pool, struct shard **ret);

/**
 * shard_lends() - whether an address that nobody holds may be offered to a stranger
 *
 * A flood of strangers that never take what they are offered must leave most clients the addresses that they
 * had: no more than half of a pool is lent at a time.
 */
bool shard_lends(const struct shard *s, const struct entry *e);

/** shard_next() - the address to give next: never used, else expired longest ago; 0: none. Nothing is held.
 */
uint32_t shard_next(struct lease_table *t, struct shard *s, const struct lease_pool *pool, int64_t now_s);
