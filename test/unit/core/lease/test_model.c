/*
 * The lease table over long random days, against a plain model of what was promised.
 *
 * Whatever comes in whatever order: no address is promised to two clients at once, a client has one address a
 * subnet, and a table restored from the records alone knows of the same promises.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/list.h"
#include "core/lease/table.h"

enum {
        SUBNETS = 2,
        CLIENTS = 12,
        ADDRS = 24,
        STEPS = 40000,
        NET = 100,
        LEASE_S = 60,
        HOLD_S = 5,
        QUARANTINE_S = 30
};

struct promise {
        int client;            /* subnet * CLIENTS + number; -1: nobody */
        int64_t until_s;       /* until then it is that client's alone */
        int64_t bound_until_s; /* and until then even when it is offered another */
};

struct world {
        struct lease_table *table, *copy; /* the copy sees records only */
        struct lease_pool pools[SUBNETS];
        struct promise promises[ADDRS];
        uint32_t reserved; /* of client 0 in subnet 0; 0: none */
        int64_t now_s;
        uint32_t seed;
};

static uint32_t below(struct world *w, uint32_t n) {
        w->seed = w->seed * 1664525 + 1013904223;
        return (w->seed >> 8) % n;
}

static bool is_reserved(void *ctx, uint32_t addr) {
        const struct world *w = ctx;
        return w->reserved == addr;
}

static struct lease_client client_of(int number) {
        struct lease_client c = { .subnet = (uint64_t)(number / CLIENTS), .key_len = 1 };
        c.key[0] = (uint8_t)(number % CLIENTS);
        return c;
}

/* The ranges change now and then; both subnets keep to their half. */
static void change_pool(struct world *w, int subnet) {
        uint32_t half = ADDRS / SUBNETS, base = NET + (uint32_t)subnet * half;
        uint32_t first = below(w, half - 4), split = first + 1 + below(w, 3);
        struct lease_pool *p = &w->pools[subnet];

        p->subnet = (uint64_t)subnet;
        p->n_ranges = 2;
        p->ranges[0] = (struct vacancy_range){ base + split, base + half - 1 };
        p->ranges[1] = (struct vacancy_range){ base + first, base + split };
        p->is_reserved = is_reserved;
        p->ctx = w;
        w->reserved = below(w, 2) ? NET + below(w, half) : 0;
}

/* Nobody else may hold what @client was just promised. */
static void promise(struct world *w, int client, const struct lease *l, int64_t until_s, bool is_bound) {
        struct promise *p = &w->promises[l->addr - NET];

        if (p->client >= 0 && p->client != client && p->until_s > w->now_s)
                fail_msg("at %lld: .%u is %d's until %lld, and was given to %d", (long long)w->now_s, l->addr,
                         p->client, (long long)p->until_s, client);
        int64_t bound_until_s = is_bound ? until_s : p->client == client ? p->bound_until_s : 0;
        *p = (struct promise){ client, until_s > bound_until_s ? until_s : bound_until_s, bound_until_s };
        for (int i = 0; is_bound && i < ADDRS; i++)
                if (&w->promises[i] != p && w->promises[i].client == client)
                        w->promises[i].client = -1;
}

static void withdraw(struct world *w, uint32_t addr) {
        w->promises[addr - NET].client = -1;
}

static void record(struct world *w, const struct lease *l) {
        assert_int_equal(lease_restore(w->copy, l), 0);
}

static void do_offer(struct world *w, int client) {
        struct lease_client c = client_of(client);
        struct lease l;
        uint32_t wanted = below(w, 2) ? NET + below(w, ADDRS) : 0;
        int r = lease_offer(w->table, &w->pools[c.subnet], &c, wanted, client == 0 ? w->reserved : 0,
                            w->now_s, HOLD_S, &l);

        if (r == LEASE_POOL_EMPTY)
                return;
        assert_int_equal(r, LEASE_OK);
        /* An offer withdraws an earlier one of another address. */
        for (int i = 0; i < ADDRS; i++)
                if (w->promises[i].client == client && l.addr != NET + (uint32_t)i)
                        w->promises[i].until_s = w->promises[i].bound_until_s;
        promise(w, client, &l, w->now_s + HOLD_S, false);
}

static void do_bind(struct world *w, int client) {
        struct lease_client c = client_of(client);
        const struct lease *own = lease_find_client(w->table, &c);
        uint32_t addr = own && below(w, 8) ? own->addr : NET + below(w, ADDRS);
        struct lease l;
        int r = lease_bind(w->table, &w->pools[c.subnet], &c, addr, client == 0 ? w->reserved : 0, w->now_s,
                           LEASE_S, &l);

        assert_true(r >= 0);
        if (r != LEASE_OK)
                return;
        assert_int_equal(l.addr, addr);
        promise(w, client, &l, l.expires_s, true);
        record(w, &l);
}

static void do_give_back(struct world *w, int client, bool is_decline) {
        struct lease_client c = client_of(client);
        const struct lease *own = lease_find_client(w->table, &c);
        uint32_t addr = own && below(w, 4) ? own->addr : NET + below(w, ADDRS);
        struct lease l;

        if (is_decline ? !lease_decline(w->table, &c, addr, w->now_s, QUARANTINE_S, &l)
                       : !lease_release(w->table, &c, addr, w->now_s, &l))
                return;
        assert_int_equal(w->promises[addr - NET].client, client);
        withdraw(w, addr);
        if (is_decline) /* CLIENTS * SUBNETS: nobody's number */
                w->promises[addr - NET] = (struct promise){ CLIENTS * SUBNETS, l.expires_s, 0 };
        record(w, &l);
}

static void do_conflict(struct world *w) {
        struct lease l;
        uint32_t addr = NET + below(w, ADDRS);
        if (!lease_conflict(w->table, addr, w->now_s, QUARANTINE_S, &l))
                return;
        w->promises[addr - NET] = (struct promise){ CLIENTS * SUBNETS, l.expires_s, 0 };
        record(w, &l);
}

/* What the structures promise each other. */
static int check_entry(void *ctx, const struct lease *l) {
        struct world *w = ctx;
        const struct entry *e = table_at(w->table, l->addr);

        assert_ptr_equal(&e->lease, l);
        assert_int_equal(e->offer.heap != NULL, l->state == LEASE_OFFERED);
        if (e->is_linked)
                assert_true(entry_is_of(e, &l->client));
        if (e->shard)
                assert_true(vacancy_is_occupied(e->shard->vacancy, l->addr));
        return 0;
}

static int check_copy(void *ctx, const struct lease *l) {
        struct world *w = ctx;
        if (l->state != LEASE_BOUND || l->expires_s <= w->now_s)
                return 0;
        const struct lease *copy = lease_find_addr(w->copy, l->addr);
        assert_non_null(copy);
        assert_int_equal(copy->state, LEASE_BOUND);
        assert_int_equal(copy->expires_s, l->expires_s);
        assert_int_equal(copy->client.key[0], l->client.key[0]);
        assert_int_equal(copy->client.subnet, l->client.subnet);
        return 0;
}

static int count_lent(void *ctx, const struct lease *l) {
        const struct entry *e = CONTAINER_OF(l, const struct entry, lease);
        size_t *n = ctx;
        n[0] += e->prior && e->shard;
        n[1] += e->prior && l->state != LEASE_OFFERED; /* whom it is offered may only be a matter of offers */
        return 0;
}

static void check_lent(const struct lease_table *t) {
        size_t n[2] = {}, n_lent = 0;
        (void)lease_each(t, count_lent, n);
        for (size_t i = 0; i < t->n_shards; i++)
                n_lent += t->shards[i]->n_lent;
        assert_int_equal(n[0], n_lent);
        assert_int_equal(n[1], 0);
}

/* Whoever looks at the table by the page sees every address once, in order. */
static void check_order(const struct lease_table *t) {
        uint32_t last = 0;
        size_t n = 0;

        for (const struct lease *l = lease_after(t, 0); l; l = lease_next(l), n++) {
                assert_true(l->addr > last);
                assert_ptr_equal(l, lease_after(t, last));
                assert_ptr_equal(l, lease_find_addr(t, l->addr));
                last = l->addr;
        }
        assert_int_equal(n, lease_count(t));
}

static void check(struct world *w) {
        check_lent(w->table);
        check_order(w->table);
        (void)lease_each(w->table, check_entry, w);
        (void)lease_each(w->table, check_copy, w);
        for (int client = 0; client < CLIENTS * SUBNETS; client++) {
                struct lease_client c = client_of(client);
                int bound = 0;
                for (const struct entry *e = NULL; (e = table_of_client(w->table, &c, e));)
                        bound += e->lease.state == LEASE_BOUND && e->lease.expires_s > w->now_s;
                assert_true(bound <= 1);
        }
        assert_true(lease_count(w->table) <= ADDRS);
}

static void step(struct world *w) {
        int client = (int)below(w, CLIENTS * SUBNETS);
        uint32_t dice = below(w, 100);

        if (dice < 35)
                do_offer(w, client);
        else if (dice < 75)
                do_bind(w, client);
        else if (dice < 80)
                do_give_back(w, client, false);
        else if (dice < 82)
                do_give_back(w, client, true);
        else if (dice < 83)
                do_conflict(w);
        else if (dice < 84)
                change_pool(w, (int)below(w, SUBNETS));
        else
                w->now_s += below(w, dice == 99 ? 3 * LEASE_S : 3);
}

static void no_address_twice(void **state) {
        (void)state;
        for (uint32_t seed = 1; seed <= 5; seed++) {
                struct world w = { .seed = seed, .now_s = 1000000 };
                w.table = lease_table_new((struct hash_key){ seed, 1 });
                w.copy = lease_table_new((struct hash_key){ seed, 2 });
                for (int i = 0; i < ADDRS; i++)
                        w.promises[i].client = -1;
                for (int i = 0; i < SUBNETS; i++)
                        change_pool(&w, i);
                for (int i = 0; i < STEPS; i++) {
                        step(&w);
                        if (i % 16 == 0)
                                check(&w);
                }
                lease_table_free(w.table);
                lease_table_free(w.copy);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(no_address_twice) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
