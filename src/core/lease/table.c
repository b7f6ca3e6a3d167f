/* Entries, how they are found, and the shards to choose from; see table.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/list.h"
#include "core/lease/table.h"

enum {
        BUCKETS_MIN = 1024,
        LENT_MIN = 256 /* addresses that are lent however small the pool: a shelf that is switched on */
};

static uint64_t hash_addr(const struct lease_table *t, uint32_t addr) {
        return hash_siphash(t->key, &addr, sizeof(addr));
}

static uint64_t hash_client(const struct lease_table *t, const struct lease_client *who) {
        uint8_t text[sizeof(who->subnet) + LEASE_KEY_MAX];
        memcpy(text, &who->subnet, sizeof(who->subnet));
        memcpy(text + sizeof(who->subnet), who->key, who->key_len);
        return hash_siphash(t->key, text, sizeof(who->subnet) + who->key_len);
}

static struct entry **bucket_of_addr(const struct lease_table *t, uint32_t addr) {
        return &t->by_addr[hash_addr(t, addr) & (t->n_buckets - 1)];
}

static struct entry **bucket_of_hash(const struct lease_table *t, uint64_t client_hash) {
        return &t->by_client[client_hash & (t->n_buckets - 1)];
}

struct lease_table *lease_table_new(struct hash_key key) {
        CLEANUP(lease_table_free_at) struct lease_table *t = calloc(1, sizeof(*t));
        if (!t)
                return NULL;
        t->key = t->in_order.key = key;
        t->n_buckets = BUCKETS_MIN;
        t->by_addr = calloc(t->n_buckets, sizeof(struct entry *));
        t->by_client = calloc(t->n_buckets, sizeof(struct entry *));
        return t->by_addr && t->by_client ? TAKE(t) : NULL;
}

void lease_table_free(struct lease_table *t) {
        if (!t)
                return;
        for (size_t i = 0; t->by_addr && i < t->n_buckets; i++)
                for (struct entry *e = t->by_addr[i], *next; e; e = next) {
                        next = e->next_addr;
                        free(e->prior);
                        free(e);
                }
        for (size_t i = 0; i < t->n_shards; i++) {
                vacancy_free(t->shards[i]->vacancy);
                heap_free(&t->shards[i]->expiry);
                free(t->shards[i]);
        }
        free(t->shards);
        heap_free(&t->offers);
        heap_free(&t->outside);
        free(t->by_addr);
        free(t->by_client);
        free(t);
}

/* Doubles the buckets. Out of memory is no failure: chains are longer then. */
static void grow(struct lease_table *t) {
        CLEANUP(free_at) struct entry **by_addr = calloc(2 * t->n_buckets, sizeof(struct entry *));
        CLEANUP(free_at) struct entry **by_client = calloc(2 * t->n_buckets, sizeof(struct entry *));
        if (!by_addr || !by_client)
                return;

        struct entry **old = t->by_addr;
        size_t n_old = t->n_buckets;
        free(t->by_client);
        t->by_addr = TAKE(by_addr);
        t->by_client = TAKE(by_client);
        t->n_buckets = 2 * n_old;
        for (size_t i = 0; i < n_old; i++)
                for (struct entry *e = old[i], *next; e; e = next) {
                        next = e->next_addr;
                        struct entry **bucket = bucket_of_addr(t, e->lease.addr);
                        e->next_addr = *bucket;
                        *bucket = e;
                        if (!e->is_linked)
                                continue;
                        bucket = bucket_of_hash(t, e->client_hash);
                        e->next_client = *bucket;
                        *bucket = e;
                }
        free(old);
}

struct entry *table_at(const struct lease_table *t, uint32_t addr) {
        struct entry *e = *bucket_of_addr(t, addr);
        while (e && e->lease.addr != addr)
                e = e->next_addr;
        return e;
}

static bool is_same(const struct lease_client *a, const struct lease_client *b) {
        return a->subnet == b->subnet && a->key_len == b->key_len && memcmp(a->key, b->key, a->key_len) == 0;
}

bool entry_is_of(const struct entry *e, const struct lease_client *who) {
        return e->is_linked && is_same(&e->lease.client, who);
}

bool entry_was_of(const struct entry *e, const struct lease_client *who) {
        return e->prior && is_same(&e->prior->client, who);
}

struct entry *table_of_client(const struct lease_table *t, const struct lease_client *who,
                              const struct entry *after) {
        struct entry *e = after ? after->next_client : *bucket_of_hash(t, hash_client(t, who));
        while (e && !entry_is_of(e, who))
                e = e->next_client;
        return e;
}

static struct shard *shard_containing(const struct lease_table *t, uint32_t addr) {
        for (size_t i = 0; i < t->n_shards; i++)
                if (vacancy_contains(t->shards[i]->vacancy, addr))
                        return t->shards[i];
        return NULL;
}

int entry_add(struct lease_table *t, uint32_t addr, struct entry **ret) {
        struct shard *s = shard_containing(t, addr);

        /* Room for the new one wherever it will ever lie, so that later moves cannot fail. */
        if (heap_reserve(&t->outside, t->n + 1) < 0 || heap_reserve(&t->offers, t->n + 1) < 0 ||
            (s && heap_reserve(&s->expiry, s->n_entries + 1) < 0))
                return -ENOMEM;
        struct entry *e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;

        if (t->n >= t->n_buckets)
                grow(t);
        e->lease.addr = addr;
        struct entry **bucket = bucket_of_addr(t, addr);
        e->next_addr = *bucket;
        *bucket = e;
        sorted_add(&t->in_order, &e->in_order, addr);
        t->n++;
        e->shard = s;
        if (s) {
                s->n_entries++;
                vacancy_occupy(s->vacancy, addr);
        }
        entry_set(t, e, LEASE_FREE, 0, 0);
        *ret = e;
        return 0;
}

void entry_remove(struct lease_table *t, struct entry *e) {
        entry_unlink(t, e);
        entry_keep(e);
        heap_remove(&e->until);
        heap_remove(&e->offer);
        if (e->shard) {
                e->shard->n_entries--;
                vacancy_vacate(e->shard->vacancy, e->lease.addr);
        }

        struct entry **link = bucket_of_addr(t, e->lease.addr);
        while (*link != e)
                link = &(*link)->next_addr;
        *link = e->next_addr;
        sorted_remove(&t->in_order, &e->in_order);
        t->n--;
        free(e);
}

void entry_link(struct lease_table *t, struct entry *e, const struct lease_client *who) {
        entry_unlink(t, e);
        e->lease.client = *who;
        e->client_hash = hash_client(t, who);
        e->is_linked = true;
        struct entry **bucket = bucket_of_hash(t, e->client_hash);
        e->next_client = *bucket;
        *bucket = e;
}

void entry_unlink(struct lease_table *t, struct entry *e) {
        if (!e->is_linked)
                return;
        struct entry **link = bucket_of_hash(t, e->client_hash);
        while (*link != e)
                link = &(*link)->next_client;
        *link = e->next_client;
        e->next_client = NULL;
        e->is_linked = false;
}

static bool has_client(const struct entry *e) {
        return e->is_linked && e->lease.granted_s != 0;
}

void entry_lend(struct entry *e) {
        if (!has_client(e))
                return;
        struct prior *p = malloc(sizeof(*p));
        if (!p)
                return; /* a client that comes back gets another address: no more is lost */
        entry_keep(e);
        *p = (struct prior){ .client = e->lease.client,
                             .granted_s = e->lease.granted_s,
                             .expires_s = e->lease.state == LEASE_OFFERED ? e->prior_expires_s
                                                                          : e->lease.expires_s,
                             .is_restored = e->is_restored };
        e->prior = p;
        if (e->shard)
                e->shard->n_lent++;
}

void entry_return(struct lease_table *t, struct entry *e) {
        const struct prior was = *e->prior;

        entry_keep(e);
        entry_link(t, e, &was.client);
        e->lease.granted_s = was.granted_s;
        e->is_restored = was.is_restored;
        entry_set(t, e, LEASE_FREE, was.expires_s, was.expires_s);
}

void entry_keep(struct entry *e) {
        if (e->prior && e->shard)
                e->shard->n_lent--;
        free(e->prior);
        e->prior = NULL;
}

void entry_set(struct lease_table *t, struct entry *e, enum lease_state state, int64_t expires_s,
               int64_t until_s) {
        e->lease.state = state;
        e->lease.expires_s = expires_s;
        t->order++;
        heap_put(e->shard ? &e->shard->expiry : &t->outside, &e->until, until_s, t->order);
        if (state == LEASE_OFFERED)
                heap_put(&t->offers, &e->offer, expires_s, t->order);
        else
                heap_remove(&e->offer);
}

/* Takes the entry in, which lies in the ranges, from wherever it was; or lets it go, which does not. */
static void shard_settle(struct lease_table *t, struct shard *s, struct entry *e) {
        bool is_inside = vacancy_contains(s->vacancy, e->lease.addr);

        if (!is_inside && e->shard != s)
                return;
        if (e->shard) {
                e->shard->n_entries--;
                e->shard->n_lent -= e->prior != NULL;
        }
        e->shard = is_inside ? s : NULL;
        if (is_inside) {
                s->n_entries++;
                s->n_lent += e->prior != NULL;
                vacancy_occupy(s->vacancy, e->lease.addr);
        }
        heap_put(is_inside ? &s->expiry : &t->outside, &e->until, e->until.key, e->until.order);
}

/* Looks at all entries once: after a change of the ranges, and when what was left out may have become free.
 */
static int shard_fill(struct lease_table *t, struct shard *s, const struct vacancy_range *ranges, size_t n) {
        CLEANUP(vacancy_free_at) struct vacancy *vacancy = vacancy_new(ranges, n);
        if (!vacancy)
                return -ENOMEM;

        size_t n_inside = 0;
        for (size_t i = 0; i < t->n_buckets; i++)
                for (struct entry *e = t->by_addr[i]; e; e = e->next_addr)
                        n_inside += vacancy_contains(vacancy, e->lease.addr);
        if (heap_reserve(&s->expiry, n_inside) < 0)
                return -ENOMEM;

        vacancy_free(s->vacancy);
        s->vacancy = TAKE(vacancy);
        memmove(s->ranges, ranges, n * sizeof(*ranges));
        s->n_ranges = n;
        s->has_left_out = false;
        for (size_t i = 0; i < t->n_buckets; i++)
                for (struct entry *e = t->by_addr[i]; e; e = e->next_addr)
                        shard_settle(t, s, e);
        return 0;
}

static int shard_add(struct lease_table *t, uint64_t subnet, struct shard **ret) {
        struct shard **shards = reallocarray(t->shards, t->n_shards + 1, sizeof(struct shard *));
        if (!shards)
                return -ENOMEM;
        t->shards = shards;
        struct shard *s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->subnet = subnet;
        s->vacancy = vacancy_new(s->ranges, 0);
        if (!s->vacancy) {
                free(s);
                return -ENOMEM;
        }
        t->shards[t->n_shards++] = s;
        *ret = s;
        return 0;
}

int shard_of(struct lease_table *t, const struct lease_pool *pool, struct shard **ret) {
        struct shard *s = NULL;
        for (size_t i = 0; i < t->n_shards && !s; i++)
                if (t->shards[i]->subnet == pool->subnet)
                        s = t->shards[i];

        int r = s ? 0 : shard_add(t, pool->subnet, &s);
        if (r < 0)
                return r;
        if (s->n_ranges != pool->n_ranges ||
            memcmp(s->ranges, pool->ranges, pool->n_ranges * sizeof(*pool->ranges)) != 0)
                r = shard_fill(t, s, pool->ranges, pool->n_ranges);
        if (r < 0)
                return r;
        *ret = s;
        return 0;
}

bool shard_lends(const struct shard *s, const struct entry *e) {
        return !e || !has_client(e) || e->prior || s->n_lent < LENT_MIN || s->n_lent < s->n_entries / 2;
}

/* What is reserved on the way is left out of later searches, so that each costs its step once. */
static uint32_t pick(struct lease_table *t, struct shard *s, const struct lease_pool *pool, int64_t now_s) {
        uint32_t addr;
        while (t->n < LEASES_MAX && vacancy_next(s->vacancy, s->cursor, &addr)) {
                s->cursor = addr;
                if (!pool_reserves(pool, addr))
                        return addr;
                vacancy_occupy(s->vacancy, addr);
                s->has_left_out = true;
        }

        struct heap_node *first;
        while ((first = heap_first(&s->expiry)) && first->key <= now_s) {
                const struct entry *e = CONTAINER_OF(first, struct entry, until);
                addr = e->lease.addr;
                if (!pool_reserves(pool, addr))
                        return shard_lends(s, e) ? addr : 0;
                heap_remove(first);
                s->has_left_out = true;
        }
        return 0;
}

uint32_t shard_next(struct lease_table *t, struct shard *s, const struct lease_pool *pool, int64_t now_s) {
        uint32_t addr = pick(t, s, pool, now_s);

        /* A reservation may have gone since. Once a second bounds what an empty pool costs. */
        if (!addr && s->has_left_out && s->refreshed_s != now_s) {
                s->refreshed_s = now_s;
                if (shard_fill(t, s, s->ranges, s->n_ranges) == 0)
                        addr = pick(t, s, pool, now_s);
        }
        return addr;
}
