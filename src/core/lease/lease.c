/* Who gets which address; see lease.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/list.h"
#include "core/lease/table.h"

enum {
        SWEEP_MAX = 4, /* lapsed offers cleared an offer: more than one comes to be */
        REMEMBER_S =
                90 * 24 * 3600, /* how long an expired lease outside of all pools is kept for its client */
        KEY_OF_MAC = 0,         /* first octet of a key */
        KEY_OF_ID = 1,
        KEY_OF_LONG_ID = 2
};

void lease_client_key(struct lease_client *who, const void *id, size_t id_len, const struct mac *mac) {
        const uint8_t *octets = id;

        who->mac = *mac;
        if (!octets || id_len == 0) {
                who->key[0] = KEY_OF_MAC;
                memcpy(who->key + 1, mac->octets, sizeof(mac->octets));
                who->key_len = 1 + sizeof(mac->octets);
        } else if (id_len < LEASE_KEY_MAX) {
                who->key[0] = KEY_OF_ID;
                memcpy(who->key + 1, octets, id_len);
                who->key_len = (uint8_t)(1 + id_len);
        } else {
                /* The same after a restart, hence no random key: who makes two that collide harms these two.
                 */
                uint64_t hash[2] = { hash_siphash((struct hash_key){ 0, 1 }, id, id_len),
                                     hash_siphash((struct hash_key){ 0, 2 }, id, id_len) };
                who->key[0] = KEY_OF_LONG_ID;
                memcpy(who->key + 1, octets, LEASE_KEY_MAX - 1 - sizeof(hash));
                memcpy(who->key + LEASE_KEY_MAX - sizeof(hash), hash, sizeof(hash));
                who->key_len = LEASE_KEY_MAX;
        }
}

bool lease_is_active(const struct lease *l, int64_t now_s) {
        return l->state != LEASE_FREE && l->expires_s > now_s;
}

/* An offer that came to nothing: its address is as it was before. */
static void lapse(struct lease_table *t, struct entry *e) {
        if (e->lease.granted_s != 0)
                entry_set(t, e, LEASE_FREE, e->prior_expires_s, e->prior_expires_s);
        else if (e->prior && !table_of_client(t, &e->prior->client, NULL))
                entry_return(t, e);
        else
                entry_remove(t, e);
}

/* The client has another address now. */
static void forget(struct lease_table *t, struct entry *e, int64_t now_s) {
        if (e->lease.state == LEASE_OFFERED && e->lease.granted_s == 0) {
                lapse(t, e);
                return;
        }
        entry_unlink(t, e);
        entry_keep(e);
        e->lease.client = (struct lease_client){ .subnet = e->lease.client.subnet };
        e->lease.granted_s = 0;
        e->is_restored = false;
        entry_set(t, e, LEASE_FREE, now_s, now_s);
}

/* A bounded step of cleaning with every offer, so that the table never holds more than lives. */
static void sweep(struct lease_table *t, int64_t now_s) {
        struct heap_node *first;

        for (int i = 0; i < SWEEP_MAX && (first = heap_first(&t->offers)) && first->key <= now_s; i++)
                lapse(t, CONTAINER_OF(first, struct entry, offer));

        int64_t keep_s = t->n < LEASES_MAX ? REMEMBER_S : 0;
        for (int i = 0; i < SWEEP_MAX && (first = heap_first(&t->outside)) && first->key <= now_s - keep_s;
             i++)
                entry_remove(t, CONTAINER_OF(first, struct entry, until));
}

/* Whether nobody else holds the address. */
static bool is_available(const struct lease_table *t, const struct lease_client *who, uint32_t addr,
                         int64_t now_s) {
        const struct entry *e = table_at(t, addr);
        return !e || entry_is_of(e, who) || e->until.key <= now_s;
}

/* Whether configuration lets this client have the address. */
static bool is_allowed(const struct lease_pool *pool, const struct shard *s, uint32_t addr,
                       uint32_t reserved) {
        if (addr == reserved)
                return true;
        return vacancy_contains(s->vacancy, addr) && !pool_reserves(pool, addr);
}

/* Which of a client's entries is more its own. */
static int rank(const struct entry *e) {
        switch (e->lease.state) {
        case LEASE_BOUND:
                return 3;
        case LEASE_OFFERED:
                return 2;
        default:
                return 1;
        }
}

/* The best of the client's entries, or of those that configuration still lets it have when @s is given. */
static const struct entry *own(const struct lease_table *t, const struct lease_client *who,
                               const struct shard *s, const struct lease_pool *pool, uint32_t reserved) {
        const struct entry *best = NULL;
        for (const struct entry *e = NULL; (e = table_of_client(t, who, e));)
                if ((!best || rank(e) > rank(best)) && (!s || is_allowed(pool, s, e->lease.addr, reserved)))
                        best = e;
        return best;
}

static int entry_at(struct lease_table *t, uint32_t addr, struct entry **ret) {
        struct entry *e = table_at(t, addr);
        if (!e)
                return entry_add(t, addr, ret);
        *ret = e;
        return 0;
}

static uint32_t choose(struct lease_table *t, struct shard *s, const struct lease_pool *pool,
                       const struct lease_client *who, uint32_t wanted, uint32_t reserved, int64_t now_s) {
        if (reserved && is_available(t, who, reserved, now_s))
                return reserved;
        const struct entry *e = own(t, who, s, pool, reserved);
        if (e)
                return e->lease.addr;
        if (wanted && is_allowed(pool, s, wanted, reserved) && is_available(t, who, wanted, now_s) &&
            (t->n < LEASES_MAX || table_at(t, wanted)) && shard_lends(s, table_at(t, wanted)))
                return wanted;
        return shard_next(t, s, pool, now_s);
}

static void hold(struct lease_table *t, struct entry *e, const struct lease_client *who, int64_t now_s,
                 uint32_t hold_s) {
        int64_t end_s = now_s + hold_s;

        if (entry_was_of(e, who))
                entry_return(t, e);
        if (!entry_is_of(e, who)) {
                entry_lend(e);
                e->lease.granted_s = 0;
                entry_link(t, e, who);
        } else if (e->lease.state == LEASE_BOUND && e->lease.expires_s > now_s) {
                /* It stays bound, and its client's at least as long as the offer stands. */
                entry_set(t, e, LEASE_BOUND, e->lease.expires_s,
                          end_s > e->lease.expires_s ? end_s : e->lease.expires_s);
                return;
        }
        if (e->lease.state != LEASE_OFFERED)
                e->prior_expires_s = e->lease.expires_s;
        e->lease.client = *who;
        entry_set(t, e, LEASE_OFFERED, end_s, end_s);
}

int lease_offer(struct lease_table *t, const struct lease_pool *pool, const struct lease_client *who,
                uint32_t wanted, uint32_t reserved, int64_t now_s, uint32_t hold_s, struct lease *ret) {
        struct shard *s;
        struct entry *e;

        assert(who->key_len > 0 && who->key_len <= LEASE_KEY_MAX && who->subnet == pool->subnet);
        sweep(t, now_s);
        int r = shard_of(t, pool, &s);
        if (r < 0)
                return r;
        uint32_t addr = choose(t, s, pool, who, wanted, reserved, now_s);
        if (!addr)
                return LEASE_POOL_EMPTY;
        r = entry_at(t, addr, &e);
        if (r < 0)
                return r;
        hold(t, e, who, now_s, hold_s);

        /* At most one offer a client: what it was offered before goes to others. */
        for (struct entry *other = table_of_client(t, who, NULL), *next; other; other = next) {
                next = table_of_client(t, who, other);
                if (other != e && other->lease.state == LEASE_OFFERED)
                        lapse(t, other);
        }
        *ret = e->lease;
        return LEASE_OK;
}

static void bind_to(struct lease_table *t, struct entry *e, const struct lease_client *who, int64_t now_s,
                    int64_t expires_s) {
        entry_link(t, e, who);
        entry_keep(e);
        e->lease.granted_s = now_s;
        e->is_restored = false;
        entry_set(t, e, LEASE_BOUND, expires_s, expires_s);
        for (struct entry *other = table_of_client(t, who, NULL), *next; other; other = next) {
                next = table_of_client(t, who, other);
                if (other != e)
                        forget(t, other, now_s);
        }
}

/* RFC 2131 section 4.3.2: what a REQUEST for @addr deserves. */
static int judge(const struct lease_table *t, const struct shard *s, const struct lease_pool *pool,
                 const struct lease_client *who, uint32_t addr, uint32_t reserved, int64_t now_s) {
        const struct entry *e = table_at(t, addr);
        bool is_known = reserved || table_of_client(t, who, NULL);

        if (addr == 0 || !is_allowed(pool, s, addr, reserved))
                return is_known ? LEASE_NOT_YOURS : LEASE_UNKNOWN;
        if (!is_available(t, who, addr, now_s))
                return LEASE_NOT_YOURS;
        if (addr == reserved)
                return LEASE_OK;
        if (reserved && is_available(t, who, reserved, now_s))
                return LEASE_NOT_YOURS; /* it shall come to its reserved address */
        if (e && entry_is_of(e, who))
                return LEASE_OK;
        return is_known ? LEASE_NOT_YOURS : LEASE_UNKNOWN;
}

int lease_bind(struct lease_table *t, const struct lease_pool *pool, const struct lease_client *who,
               uint32_t addr, uint32_t reserved, int64_t now_s, uint32_t lease_s, struct lease *ret) {
        struct shard *s;
        struct entry *e;

        assert(who->key_len > 0 && who->key_len <= LEASE_KEY_MAX && who->subnet == pool->subnet);
        int r = shard_of(t, pool, &s);
        if (r < 0)
                return r;
        r = judge(t, s, pool, who, addr, reserved, now_s);
        if (r != LEASE_OK)
                return r;
        r = entry_at(t, addr, &e);
        if (r < 0)
                return r;
        bind_to(t, e, who, now_s, now_s + lease_s);
        *ret = e->lease;
        return LEASE_OK;
}

bool lease_release(struct lease_table *t, const struct lease_client *who, uint32_t addr, int64_t now_s,
                   struct lease *ret) {
        struct entry *e = table_at(t, addr);
        if (!e || !entry_is_of(e, who) || e->lease.state != LEASE_BOUND)
                return false;
        e->is_restored = false;
        entry_set(t, e, LEASE_FREE, now_s, now_s);
        *ret = e->lease;
        return true;
}

static void quarantine(struct lease_table *t, struct entry *e, int64_t end_s) {
        entry_unlink(t, e);
        entry_keep(e);
        e->lease.granted_s = 0;
        e->is_restored = false;
        entry_set(t, e, LEASE_DECLINED, end_s, end_s);
}

bool lease_decline(struct lease_table *t, const struct lease_client *who, uint32_t addr, int64_t now_s,
                   uint32_t quarantine_s, struct lease *ret) {
        struct entry *e = table_at(t, addr);
        if (!e || !entry_is_of(e, who) || !lease_is_active(&e->lease, now_s))
                return false;
        quarantine(t, e, now_s + quarantine_s);
        *ret = e->lease;
        return true;
}

uint32_t lease_withdraw(struct lease_table *t, const struct lease_client *who) {
        for (struct entry *e = NULL; (e = table_of_client(t, who, e));)
                if (e->lease.state == LEASE_OFFERED) {
                        uint32_t addr = e->lease.addr;
                        lapse(t, e);
                        return addr;
                }
        return 0;
}

bool lease_conflict(struct lease_table *t, uint32_t addr, int64_t now_s, uint32_t quarantine_s,
                    struct lease *ret) {
        struct entry *e = table_at(t, addr);
        if (e && e->lease.state == LEASE_BOUND && lease_is_active(&e->lease, now_s))
                return false;
        if (!e && (t->n >= LEASES_MAX || addr == 0 || entry_add(t, addr, &e) < 0))
                return false;
        quarantine(t, e, now_s + quarantine_s);
        *ret = e->lease;
        return true;
}

int lease_restore(struct lease_table *t, const struct lease *l) {
        struct entry *e;

        if (l->addr == 0 || l->state == LEASE_OFFERED || (l->state == LEASE_BOUND && l->client.key_len == 0))
                return 0; /* nothing that a journal of ours holds */
        int r = entry_at(t, l->addr, &e);
        if (r < 0)
                return r;

        if (l->state == LEASE_BOUND) {
                bind_to(t, e, &l->client, l->granted_s, l->expires_s);
                e->is_restored = true;
                return 0;
        }
        e->is_restored = true;
        if (l->state == LEASE_DECLINED || l->client.key_len == 0)
                entry_unlink(t, e);
        else
                entry_link(t, e, &l->client);
        e->lease.client = l->client;
        e->lease.granted_s = l->granted_s;
        entry_set(t, e, l->state, l->expires_s, l->expires_s);
        return 0;
}

/* Moves what is a time; 0 is none. */
static void shift(int64_t *at_s, int64_t by_s) {
        if (*at_s != 0)
                *at_s += by_s;
}

static void entry_shift(struct lease_table *t, struct entry *e, int64_t by_s) {
        bool is_offer = e->lease.state == LEASE_OFFERED;
        int64_t until_s = e->until.key;

        if (e->prior && !e->prior->is_restored) {
                shift(&e->prior->granted_s, by_s);
                shift(&e->prior->expires_s, by_s);
        }
        if (!e->is_restored) {
                shift(&e->lease.granted_s, by_s);
                shift(&e->prior_expires_s, by_s);
        }
        if (!is_offer && e->is_restored)
                return;
        shift(&e->lease.expires_s, by_s);
        shift(&until_s, by_s);
        heap_put(e->shard ? &e->shard->expiry : &t->outside, &e->until, until_s, e->until.order);
        if (is_offer)
                heap_put(&t->offers, &e->offer, e->lease.expires_s, e->offer.order);
}

void lease_shift(struct lease_table *t, int64_t by_s) {
        for (size_t i = 0; i < t->n_buckets; i++)
                for (struct entry *e = t->by_addr[i]; e; e = e->next_addr)
                        entry_shift(t, e, by_s);
}

const struct lease *lease_find_addr(const struct lease_table *t, uint32_t addr) {
        const struct entry *e = table_at(t, addr);
        return e ? &e->lease : NULL;
}

const struct lease *lease_find_client(const struct lease_table *t, const struct lease_client *who) {
        const struct entry *e = own(t, who, NULL, NULL, 0);
        return e ? &e->lease : NULL;
}

static const struct lease *lease_of(const struct sorted_node *n) {
        return n ? &CONTAINER_OF(n, const struct entry, in_order)->lease : NULL;
}

const struct lease *lease_after(const struct lease_table *t, uint32_t addr) {
        return lease_of(sorted_from(&t->in_order, (uint64_t)addr + 1));
}

const struct lease *lease_next(const struct lease *l) {
        return lease_of(CONTAINER_OF(l, const struct entry, lease)->in_order.next);
}

size_t lease_count(const struct lease_table *t) {
        return t->n;
}

int lease_each(const struct lease_table *t, int (*fn)(void *ctx, const struct lease *l), void *ctx) {
        for (size_t i = 0; i < t->n_buckets; i++)
                for (const struct entry *e = t->by_addr[i]; e; e = e->next_addr) {
                        int r = fn(ctx, &e->lease);
                        if (r)
                                return r;
                }
        return 0;
}

uint32_t lease_next_likely(struct lease_table *t, const struct lease_pool *pool, int64_t now_s) {
        struct shard *s;
        sweep(t, now_s);
        return shard_of(t, pool, &s) < 0 ? 0 : shard_next(t, s, pool, now_s);
}
