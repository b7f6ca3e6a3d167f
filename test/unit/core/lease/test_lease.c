/* Who gets which address, told as days in the life of small subnets: no clock, no disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "core/lease/lease.h"

enum { NET = 0x0a4d0000, START_S = 1700000000, DAY = 86400, HOLD_S = 10, LEASE_S = 100, QUARANTINE_S = 50 };

enum verb { OFFER, BIND, RELEASE, DECLINE, WITHDRAW, CONFLICT, RESERVE, POOL };

/* Addresses are named by their last octet; RESERVE and POOL change configuration from there on. */
struct step {
        int64_t at_s;
        enum verb verb;
        char who;      /* a client; '-' none. RESERVE: whose */
        uint32_t addr; /* wanted, asked for, given back; POOL: first */
        int answer;    /* lease_answer, or 1 and 0 for true and false; POOL: last */
        uint32_t gets; /* the address in the answer */
        const char *why;
};

struct world {
        struct lease_table *table;
        struct lease_pool pool;
        struct {
                char who;
                uint32_t addr;
        } reserved[4];
        size_t n_reserved;
};

static bool is_reserved(void *ctx, uint32_t addr) {
        const struct world *w = ctx;
        for (size_t i = 0; i < w->n_reserved; i++)
                if (w->reserved[i].addr == addr)
                        return true;
        return false;
}

static uint32_t reserved_for(const struct world *w, char who) {
        for (size_t i = 0; i < w->n_reserved; i++)
                if (w->reserved[i].who == who)
                        return w->reserved[i].addr;
        return 0;
}

static struct lease_client client(char name) {
        struct lease_client c = { .subnet = 1 };
        lease_client_key(&c, NULL, 0, &(struct mac){ { 2, 0, 0, 0, 0, (uint8_t)name } });
        return c;
}

static void world_set(struct world *w, const struct step *s) {
        if (s->verb == POOL) {
                w->pool.n_ranges = 1;
                w->pool.ranges[0] = (struct vacancy_range){ NET + s->addr, NET + (uint32_t)s->answer };
        } else if (s->addr == 0) {
                w->n_reserved = 0;
        } else {
                w->reserved[w->n_reserved].who = s->who;
                w->reserved[w->n_reserved++].addr = NET + s->addr;
        }
}

static int world_do(struct world *w, const struct step *s, struct lease *l) {
        struct lease_client c = client(s->who);
        uint32_t addr = s->addr ? NET + s->addr : 0;

        switch (s->verb) {
        case OFFER:
                return lease_offer(w->table, &w->pool, &c, addr, reserved_for(w, s->who), START_S + s->at_s,
                                   HOLD_S, l);
        case BIND:
                return lease_bind(w->table, &w->pool, &c, addr, reserved_for(w, s->who), START_S + s->at_s,
                                  LEASE_S, l);
        case RELEASE:
                return lease_release(w->table, &c, addr, START_S + s->at_s, l);
        case DECLINE:
                return lease_decline(w->table, &c, addr, START_S + s->at_s, QUARANTINE_S, l);
        case WITHDRAW:
                l->addr = lease_withdraw(w->table, &c);
                return l->addr != 0;
        case CONFLICT:
                return lease_conflict(w->table, addr, START_S + s->at_s, QUARANTINE_S, l);
        default:
                return 0;
        }
}

static void play(const struct step *steps, size_t n) {
        struct world w = { .table = lease_table_new((struct hash_key){ 1, 2 }),
                           .pool = { .subnet = 1, .n_ranges = 1, .is_reserved = is_reserved } };

        assert_non_null(w.table);
        w.pool.ctx = &w;
        w.pool.ranges[0] = (struct vacancy_range){ NET + 10, NET + 12 };
        for (size_t i = 0; i < n; i++) {
                const struct step *s = &steps[i];
                struct lease l = {};
                if (s->verb == POOL || s->verb == RESERVE) {
                        world_set(&w, s);
                        continue;
                }
                int answer = world_do(&w, s, &l);
                if (answer != s->answer || l.addr != (s->gets ? NET + s->gets : 0))
                        fail_msg("step %zu (%s): answer %d, address .%u", i, s->why, answer, l.addr & 255);
        }
        lease_table_free(w.table);
}
#define PLAY(script) play(script, sizeof(script) / sizeof(*(script)))

static void new_clients(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, OFFER, 'a', 0, LEASE_OK, 10, "the first never-used one" },
                { 0, OFFER, 'a', 0, LEASE_OK, 10, "a repeated DISCOVER gets the same" },
                { 1, OFFER, 'b', 12, LEASE_OK, 12, "what it wishes, as nobody has it" },
                { 1, OFFER, 'c', 10, LEASE_OK, 11, "a wish that another was offered is not granted" },
                { 2, OFFER, 'd', 0, LEASE_POOL_EMPTY, 0, "three addresses, three clients" },
                { 3, BIND, 'a', 10, LEASE_OK, 10, "REQUEST of what was offered" },
                { 3, BIND, 'b', 11, LEASE_NOT_YOURS, 0, "REQUEST of what another was offered" },
                { 3, BIND, 'b', 12, LEASE_OK, 12, "and of its own" },
                { 50, BIND, 'a', 10, LEASE_OK, 10, "renewal" },
                { 12, OFFER, 'd', 0, LEASE_OK, 11, "the offer to c lapsed" },
                { 12, BIND, 'c', 11, LEASE_NOT_YOURS, 0, "too late: d has it" },
        };
        PLAY(script);
}

static void old_clients(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, OFFER, 'a', 0, LEASE_OK, 10, "" },
                { 0, BIND, 'a', 10, LEASE_OK, 10, "" },
                { DAY, OFFER, 'b', 0, LEASE_OK, 11, "never-used first: a's is kept for a" },
                { DAY, BIND, 'b', 11, LEASE_OK, 11, "" },
                { DAY, OFFER, 'a', 12, LEASE_OK, 10, "its old one, whatever it wishes" },
                { DAY, BIND, 'a', 10, LEASE_OK, 10, "" },
                { DAY + 1, OFFER, 'c', 0, LEASE_OK, 12, "" },
                { DAY + 1, BIND, 'c', 12, LEASE_OK, 12, "" },
                { 2 * DAY, OFFER, 'd', 0, LEASE_OK, 11, "b's ran out first" },
                { 2 * DAY, OFFER, 'e', 0, LEASE_OK, 10, "then a's" },
                { 2 * DAY, OFFER, 'f', 0, LEASE_OK, 12, "then c's" },
                { 2 * DAY + 11, OFFER, 'b', 0, LEASE_OK, 11, "these offers came to nothing: its old one" },
                { 2 * DAY + 11, BIND, 'b', 11, LEASE_OK, 11, "" },
                { 2 * DAY + 11, OFFER, 'd', 0, LEASE_OK, 10, "" },
                { 2 * DAY + 11, OFFER, 'a', 12, LEASE_OK, 12, "what a had is held for d" },
                { 2 * DAY + 12, BIND, 'd', 10, LEASE_OK, 10, "" },
                { 2 * DAY + 30, OFFER, 'a', 0, LEASE_OK, 12, "and is d's; c's own was lent to a" },
                { 2 * DAY + 31, OFFER, 'c', 0, LEASE_POOL_EMPTY, 0, "as long as the offer stands" },
                { 2 * DAY + 41, OFFER, 'c', 0, LEASE_OK, 12, "" },
                { 2 * DAY + 41, BIND, 'c', 12, LEASE_OK, 12, "" },
        };
        PLAY(script);
}

/* Clients by number, for tests of many. */
static struct lease_client client_number(unsigned i) {
        struct lease_client c = { .subnet = 1 };
        lease_client_key(&c, NULL, 0, &(struct mac){ { 2, 0, 0, 1, (uint8_t)(i >> 8), (uint8_t)i } });
        return c;
}

/* Strangers ask and take nothing, again and again: most old clients find their address meanwhile, and all
 * after it.
 */
static void a_flood_of_strangers(void **state) {
        enum { OLD = 600, STRANGERS = 4000, LENT = OLD / 2 };
        struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        const struct lease_pool pool = { .subnet = 1, .n_ranges = 1, .ranges = { { NET + 1, NET + OLD } } };
        int64_t now_s = START_S;
        unsigned n_offers = 0, n_own = 0;
        struct lease l;
        (void)state;

        for (unsigned i = 0; i < OLD; i++) {
                struct lease_client c = client_number(i);
                assert_int_equal(lease_offer(t, &pool, &c, 0, 0, now_s, HOLD_S, &l), LEASE_OK);
                assert_int_equal(lease_bind(t, &pool, &c, NET + 1 + i, 0, now_s, LEASE_S, &l), LEASE_OK);
        }
        now_s += DAY;
        for (unsigned i = 0; i < STRANGERS; i++) {
                struct lease_client c = client_number(OLD + i);
                uint32_t wish = NET + 1 + i % OLD; /* of every address there is */
                n_offers += lease_offer(t, &pool, &c, i % 2 ? wish : 0, 0, now_s, HOLD_S, &l) == LEASE_OK;
        }
        assert_int_equal(n_offers, LENT);
        for (unsigned i = 0; i < OLD; i++) {
                struct lease_client c = client_number(i);
                n_own += lease_bind(t, &pool, &c, NET + 1 + i, 0, now_s, LEASE_S, &l) == LEASE_OK;
        }
        assert_int_equal(n_own, OLD - LENT);

        now_s += DAY;
        for (unsigned i = 0; i < OLD; i++) {
                struct lease_client c = client_number(i);
                assert_int_equal(lease_offer(t, &pool, &c, 0, 0, now_s, HOLD_S, &l), LEASE_OK);
                assert_int_equal(l.addr, NET + 1 + i);
        }
        lease_table_free(t);
}

static void expect_expiry(const struct lease_table *t, uint32_t addr, int64_t expires_s) {
        const struct lease *l = lease_find_addr(t, NET + addr);
        assert_non_null(l);
        assert_int_equal(l->expires_s, expires_s);
}

/* The clock jumps forward by a year while leases run, of this run and of one before. */
static void the_clock_is_set(void **state) {
        enum { YEAR = 365 * DAY };
        struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        const struct lease_pool pool = { .subnet = 1, .n_ranges = 1, .ranges = { { NET + 10, NET + 13 } } };
        const struct lease_client a = client('a'), b = client('b'), c = client('c'), d = client('d');
        const struct lease before = { .addr = NET + 13,
                                      .state = LEASE_BOUND,
                                      .client = d,
                                      .granted_s = START_S + YEAR - 10,
                                      .expires_s = START_S + YEAR + 90 };
        struct lease l;
        (void)state;

        assert_int_equal(lease_restore(t, &before), 0);
        assert_int_equal(lease_offer(t, &pool, &a, 0, 0, START_S, HOLD_S, &l), LEASE_OK);
        assert_int_equal(lease_bind(t, &pool, &a, NET + 10, 0, START_S, LEASE_S, &l), LEASE_OK);
        assert_int_equal(lease_offer(t, &pool, &b, 0, 0, START_S + 1, HOLD_S, &l), LEASE_OK);

        lease_shift(t, YEAR);
        expect_expiry(t, 10, START_S + YEAR + LEASE_S);
        expect_expiry(t, 11, START_S + YEAR + 1 + HOLD_S);
        expect_expiry(t, 13, START_S + YEAR + 90); /* written by a clock that was right */
        assert_int_equal(lease_find_addr(t, NET + 10)->granted_s, START_S + YEAR);
        assert_int_equal(lease_offer(t, &pool, &c, 10, 0, START_S + YEAR + 5, HOLD_S, &l), LEASE_OK);
        assert_int_equal(l.addr, NET + 12); /* .10 and .11 are held still */
        assert_int_equal(lease_bind(t, &pool, &d, NET + 13, 0, START_S + YEAR + 5, LEASE_S, &l), LEASE_OK);

        lease_shift(t, -YEAR); /* back again: now d's lease is of this run */
        expect_expiry(t, 10, START_S + LEASE_S);
        expect_expiry(t, 13, START_S + 5 + LEASE_S);
        lease_table_free(t);
}

static void lapsed_offer_of_an_old_address(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, OFFER, 'a', 0, LEASE_OK, 10, "" },
                { 0, BIND, 'a', 10, LEASE_OK, 10, "" },
                { DAY, OFFER, 'a', 0, LEASE_OK, 10, "offered again" },
                { 2 * DAY, OFFER, 'b', 0, LEASE_OK, 11, "that lapsed, but a is still remembered" },
                { 2 * DAY, OFFER, 'a', 0, LEASE_OK, 10, "" },
        };
        PLAY(script);
}

static void an_offer_that_was_not_taken(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, OFFER, 'a', 0, LEASE_OK, 10, "" },
                { 0, WITHDRAW, 'b', 0, 0, 0, "b was offered nothing" },
                { 1, WITHDRAW, 'a', 0, 1, 10, "a took another server's" },
                { 1, OFFER, 'b', 10, LEASE_OK, 10, "at once another's" },
                { 1, BIND, 'b', 10, LEASE_OK, 10, "" },
                { 2, OFFER, 'b', 0, LEASE_OK, 10, "" },
                { 2, WITHDRAW, 'b', 0, 0, 0, "a lease that runs is no offer" },
                { 3, BIND, 'b', 10, LEASE_OK, 10, "" },
                { DAY, OFFER, 'b', 0, LEASE_OK, 10, "its old one" },
                { DAY, WITHDRAW, 'b', 0, 1, 10, "" },
                { DAY, OFFER, 'b', 0, LEASE_OK, 10, "still remembered" },
        };
        PLAY(script);
}

static void giving_back(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, OFFER, 'a', 0, LEASE_OK, 10, "" },
                { 0, RELEASE, 'a', 10, 0, 0, "an offer cannot be released" },
                { 0, BIND, 'a', 10, LEASE_OK, 10, "" },
                { 1, RELEASE, 'b', 10, 0, 0, "it is not b's" },
                { 1, RELEASE, 'a', 10, 1, 10, "" },
                { 2, RELEASE, 'a', 10, 0, 0, "once" },
                { 3, BIND, 'a', 10, LEASE_OK, 10, "INIT-REBOOT: still remembered, still free" },
                { 4, DECLINE, 'b', 10, 0, 0, "it is not b's" },
                { 4, DECLINE, 'a', 10, 1, 10, "somebody else uses it" },
                { 4, BIND, 'a', 10, LEASE_NOT_YOURS, 0, "not even for a, which we do not remember" },
                { 5, OFFER, 'a', 10, LEASE_OK, 11, "nor as a wish" },
                { 5, OFFER, 'b', 10, LEASE_OK, 12, "" },
                { 6, OFFER, 'c', 0, LEASE_POOL_EMPTY, 0, "quarantine" },
                { 6, BIND, 'a', 11, LEASE_OK, 11, "" },
                { 6, BIND, 'b', 12, LEASE_OK, 12, "" },
                { 54, OFFER, 'c', 0, LEASE_OK, 10, "the time is up" },
        };
        PLAY(script);
}

static void conflicts(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, CONFLICT, '-', 10, 1, 10, "the probe ahead found a stranger" },
                { 0, OFFER, 'a', 0, LEASE_OK, 11, "" },
                { 1, CONFLICT, '-', 11, 1, 11, "the probe after the offer did" },
                { 1, BIND, 'a', 11, LEASE_NOT_YOURS, 0, "so its REQUEST is refused" },
                { 2, OFFER, 'a', 0, LEASE_OK, 12, "" },
                { 2, BIND, 'a', 12, LEASE_OK, 12, "" },
                { 3, CONFLICT, '-', 12, 0, 0, "who answers there is a itself" },
                { 4, OFFER, 'b', 0, LEASE_POOL_EMPTY, 0, "" },
                { 50, OFFER, 'b', 0, LEASE_OK, 10, "oldest quarantine first" },
        };
        PLAY(script);
}

static void reservations(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, RESERVE, 'r', 11, 0, 0, "" },
                { 0, RESERVE, 'o', 200, 0, 0, "outside of the ranges" },
                { 0, OFFER, 'a', 11, LEASE_OK, 10, "not what is reserved for r" },
                { 0, OFFER, 'b', 0, LEASE_OK, 12, "" },
                { 0, OFFER, 'c', 0, LEASE_POOL_EMPTY, 0, "though .11 is free" },
                { 0, BIND, 'r', 11, LEASE_OK, 11, "known by its reservation: no offer needed" },
                { 1, OFFER, 'o', 0, LEASE_OK, 200, "" },
                { 1, BIND, 'o', 10, LEASE_NOT_YOURS, 0, "it shall have its own" },
                { 1, BIND, 'o', 200, LEASE_OK, 200, "" },
                { 1, BIND, 'b', 200, LEASE_NOT_YOURS, 0, "somebody's" },
                { 2, RESERVE, '-', 0, 0, 0, "all reservations go" },
                { 2, BIND, 'o', 200, LEASE_NOT_YOURS, 0, "outside of the ranges without a reservation" },
                { 2, OFFER, 'o', 0, LEASE_POOL_EMPTY, 0, "all three are held" },
                { 2, RELEASE, 'r', 11, 1, 11, "" },
                { 3, OFFER, 'o', 0, LEASE_OK, 11, "what was reserved is anybody's now" },
        };
        PLAY(script);
}

static void reserved_but_taken(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, OFFER, 'a', 0, LEASE_OK, 10, "" },
                { 0, BIND, 'a', 10, LEASE_OK, 10, "" },
                { 1, RESERVE, 'r', 10, 0, 0, "somebody reserves what a has" },
                { 1, OFFER, 'r', 0, LEASE_OK, 11, "for now another" },
                { 1, BIND, 'r', 11, LEASE_OK, 11, "" },
                { 50, BIND, 'a', 10, LEASE_NOT_YOURS, 0, "a may not renew" },
                { 60, BIND, 'r', 11, LEASE_OK, 11, "r may, as a's still runs" },
                { 101, BIND, 'r', 11, LEASE_NOT_YOURS, 0, "now it shall go home" },
                { 101, OFFER, 'r', 0, LEASE_OK, 10, "" },
                { 101, BIND, 'r', 10, LEASE_OK, 10, "" },
                { 102, BIND, 'r', 11, LEASE_NOT_YOURS, 0, "one client, one address" },
                { 102, OFFER, 'b', 0, LEASE_OK, 12, "never-used first" },
                { 102, OFFER, 'c', 0, LEASE_OK, 11, "which is free since r left" },
        };
        PLAY(script);
}

static void changed_ranges(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, OFFER, 'a', 0, LEASE_OK, 10, "" },
                { 0, BIND, 'a', 10, LEASE_OK, 10, "" },
                { 1, POOL, '-', 20, 21, 0, "the operator moves the range" },
                { 1, BIND, 'a', 10, LEASE_NOT_YOURS, 0, "renewal outside of the ranges" },
                { 1, OFFER, 'a', 0, LEASE_OK, 20, "" },
                { 1, BIND, 'a', 20, LEASE_OK, 20, "" },
                { 2, OFFER, 'b', 10, LEASE_OK, 21, "" },
                { 2, BIND, 'b', 21, LEASE_OK, 21, "" },
                { 3, POOL, '-', 10, 20, 0, "and back, wider" },
                { 3, BIND, 'a', 20, LEASE_OK, 20, "" },
                { 3, OFFER, 'c', 0, LEASE_OK, 11, "the search goes on behind the last one chosen" },
                { 3, POOL, '-', 20, 20, 0, "" },
                { 4, OFFER, 'c', 0, LEASE_POOL_EMPTY, 0, "" },
        };
        PLAY(script);
}

static void strangers(void **state) {
        (void)state;
        static const struct step script[] = {
                { 0, BIND, 'x', 10, LEASE_UNKNOWN, 0, "INIT-REBOOT of an unknown client: silence" },
                { 0, BIND, 'x', 99, LEASE_UNKNOWN, 0, "" },
                { 0, OFFER, 'x', 0, LEASE_OK, 10, "" },
                { 0, BIND, 'x', 11, LEASE_NOT_YOURS, 0, "known, and wrong" },
                { 0, BIND, 'x', 99, LEASE_NOT_YOURS, 0, "" },
                { 0, BIND, 'x', 0, LEASE_NOT_YOURS, 0, "" },
                { 0, BIND, 'y', 10, LEASE_NOT_YOURS, 0, "unknown, but another's address" },
                { 11, BIND, 'x', 10, LEASE_OK, 10, "late, but nobody else came" },
        };
        PLAY(script);
}

static void keys(void **state) {
        (void)state;
        const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
        uint8_t id[255];
        struct lease_client by_mac = {}, by_id = {}, by_long = {}, by_other = {};

        memset(id, 0xab, sizeof(id));
        lease_client_key(&by_mac, NULL, 0, &mac);
        lease_client_key(&by_id, mac.octets, sizeof(mac.octets), &mac);
        assert_int_equal(by_mac.key_len, by_id.key_len);
        assert_memory_not_equal(by_mac.key, by_id.key,
                                by_mac.key_len); /* an identifier that is a MAC is another client */
        lease_client_key(&by_long, id, sizeof(id), &mac);
        id[254] = 0;
        lease_client_key(&by_other, id, sizeof(id), &mac);
        assert_int_equal(by_long.key_len, LEASE_KEY_MAX);
        assert_memory_not_equal(by_long.key, by_other.key, LEASE_KEY_MAX);
}

/* The same machine on two subnets has two leases, and is remembered on both. */
static void two_subnets(void **state) {
        CLEANUP(lease_table_free_at) struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        struct lease_pool pools[2] = {
                { .subnet = 1, .n_ranges = 1, .ranges = { { NET + 10, NET + 20 } } },
                { .subnet = 2, .n_ranges = 1, .ranges = { { NET + 110, NET + 120 } } }
        };
        struct lease l;
        (void)state;

        for (int round = 0; round < 2; round++)
                for (int i = 0; i < 2; i++) {
                        struct lease_client c = client('a');
                        c.subnet = pools[i].subnet;
                        assert_int_equal(
                                lease_offer(t, &pools[i], &c, 0, 0, START_S + round * DAY, HOLD_S, &l),
                                LEASE_OK);
                        assert_int_equal(l.addr, pools[i].ranges[0].first);
                        assert_int_equal(
                                lease_bind(t, &pools[i], &c, l.addr, 0, START_S + round * DAY, LEASE_S, &l),
                                LEASE_OK);
                        assert_int_equal(lease_find_client(t, &c)->addr, l.addr);
                }
        assert_int_equal(lease_count(t), 2);
}

/* A million made-up clients ask once: what they hold is what lives, and a /16 is as quick as a /29. */
static void flood(void **state) {
        CLEANUP(lease_table_free_at) struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        const struct lease_pool pool = { .subnet = 1, .n_ranges = 1, .ranges = { { NET + 1, NET + 65534 } } };
        struct lease l;
        (void)state;

        for (uint32_t i = 0; i < 200000; i++) {
                struct lease_client c = { .subnet = 1, .key_len = 4 };
                memcpy(c.key, &i, sizeof(i));
                assert_int_equal(lease_offer(t, &pool, &c, 0, 0, i / 1000, HOLD_S, &l), LEASE_OK);
                assert_true(lease_count(t) <= 1000 * (HOLD_S + 1));
        }
}

static void likely_next(void **state) {
        CLEANUP(lease_table_free_at) struct lease_table *t = lease_table_new((struct hash_key){ 1, 2 });
        const struct lease_pool pool = { .subnet = 1, .n_ranges = 1, .ranges = { { NET + 10, NET + 12 } } };
        struct lease l;
        (void)state;

        for (uint32_t i = 0; i < 3; i++) {
                struct lease_client c = client((char)('a' + i));
                assert_int_equal(lease_next_likely(t, &pool, 0), NET + 10 + i);
                assert_int_equal(lease_offer(t, &pool, &c, 0, 0, 0, HOLD_S, &l), LEASE_OK);
                assert_int_equal(l.addr, NET + 10 + i);
        }
        assert_int_equal(lease_next_likely(t, &pool, 0), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(new_clients),
                cmocka_unit_test(old_clients),
                cmocka_unit_test(a_flood_of_strangers),
                cmocka_unit_test(the_clock_is_set),
                cmocka_unit_test(lapsed_offer_of_an_old_address),
                cmocka_unit_test(an_offer_that_was_not_taken),
                cmocka_unit_test(giving_back),
                cmocka_unit_test(conflicts),
                cmocka_unit_test(reservations),
                cmocka_unit_test(reserved_but_taken),
                cmocka_unit_test(changed_ranges),
                cmocka_unit_test(strangers),
                cmocka_unit_test(keys),
                cmocka_unit_test(two_subnets),
                cmocka_unit_test(flood),
                cmocka_unit_test(likely_next),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
