/* What the API asks of the rack: long lists, a piece at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "rack_world.h"

enum { MANY = 2400, PIECE_MAX = 1024 /* rows that nobody shall wait for longer than */ };

static int set_up(void **state) {
        *state = rack_world_new();
        return 0;
}

static int tear_down(void **state) {
        rack_world_free(*state);
        return 0;
}

struct seen {
        size_t n, n_piece, enough; /* @enough: 0: never */
        uint32_t last;
        bool is_in_order;
};

static bool see(struct seen *seen, uint32_t number) {
        seen->is_in_order &= number > seen->last;
        seen->last = number;
        seen->n++;
        seen->n_piece++;
        return seen->n != seen->enough;
}

static bool see_lease(void *ctx, const struct lease *l) {
        return see(ctx, l->addr);
}

static bool see_stranger(void *ctx, const struct sighting *s) {
        return see(ctx, (uint32_t)s->known.mac.octets[4] << 8 | s->known.mac.octets[5]);
}

static void leases_come_by_the_piece(void **state) {
        struct rack_world *w = *state;
        struct seen seen = { .is_in_order = true };
        size_t n_pieces = 1;
        uint32_t at = 0;

        for (uint32_t i = 0; i < MANY; i++) {
                const struct mac mac = { { 2, 0xaa, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };
                struct lease l = { .addr = NET(90, 0) + i * 7919 % MANY, .state = LEASE_BOUND };
                lease_client_key(&l.client, NULL, 0, &mac);
                assert_int_equal(lease_restore(w->rack.leases, &l), 0);
        }
        while (rack_each_lease(&w->rack, &at, see_lease, &seen)) {
                assert_in_range(seen.n_piece, 1, PIECE_MAX);
                seen.n_piece = 0;
                n_pieces++;
        }
        assert_int_equal(seen.n, MANY);
        assert_true(seen.is_in_order);
        assert_true(n_pieces > 1);

        seen = (struct seen){ .is_in_order = true, .enough = 3 };
        at = NET(90, 99);
        assert_false(rack_each_lease(&w->rack, &at, see_lease, &seen)); /* three behind the hundredth */
        assert_int_equal(seen.n, 3);
        assert_int_equal(seen.last, NET(90, 102));
}

/* Those that somebody registered are passed over, and looked at all the same: a piece is one of all rows. */
static void strangers_come_by_the_piece(void **state) {
        struct rack_world *w = *state;
        struct seen seen = { .is_in_order = true };
        struct mac at = {};
        size_t n_pieces = 1;

        rack_world_register(w, &(struct registered){ .name = "first", .mac = "02:aa:00:00:00:01" });
        rack_world_register(w, &(struct registered){ .name = "by-serial", .serial = 0x77 });
        for (unsigned i = 1; i <= MANY; i++) {
                const struct mac mac = { { 2, 0xaa, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };
                struct sighting *s = sightings_see(w->rack.sightings, &mac, 1);
                assert_non_null(s);
                if (i == MANY)
                        sightings_identify(w->rack.sightings, s,
                                           &(struct pi_identity){ .has_serial = true, .serial = 0x77 });
        }
        while (rack_each_stranger(&w->rack, &at, see_stranger, &seen)) {
                assert_in_range(seen.n_piece, 1, PIECE_MAX);
                seen.n_piece = 0;
                n_pieces++;
        }
        assert_int_equal(seen.n, MANY - 2);
        assert_int_equal(seen.last, MANY - 1);
        assert_true(seen.is_in_order);
        assert_true(n_pieces > 1);
}

/* One a piece, however many were asked for: a story may be long. */
static bool see_boot(void *ctx, const struct trail_session *s) {
        uint64_t *last = ctx;
        assert_true(s->id < *last);
        assert_string_equal(s->machine, "pi");
        *last = s->id;
        return true;
}

static void boots_come_one_by_one(void **state) {
        struct rack_world *w = *state;
        const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
        uint64_t at = UINT64_MAX, last = UINT64_MAX, ids[2];
        size_t n = 0, n_pieces = 0;

        for (size_t i = 0; i < MANY; i++) {
                uint64_t id = trail_begin(w->rack.trail, &mac, i % 1200 == 0 ? "pi" : "", 1);
                if (i % 1200 == 0)
                        ids[n++] = id;
        }
        while (rack_each_boot(&w->rack, "pi", NULL, &at, see_boot, &last))
                if (last != UINT64_MAX && last == at)
                        assert_int_equal(last, ids[--n]);
                else
                        n_pieces++;
        assert_int_equal(n, 0);
        assert_true(n_pieces > 0); /* a search that found nothing yet is put off, too */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(leases_come_by_the_piece),
                TEST(strangers_come_by_the_piece),
                TEST(boots_come_one_by_one),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
