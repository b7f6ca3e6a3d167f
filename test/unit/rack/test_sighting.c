/* Sightings: one row for each MAC, in order, and no more than the bound. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rack/sighting.h"

static const struct mac macs[] = { { { 2, 0, 0, 0, 0, 3 } },
                                   { { 2, 0, 0, 0, 1, 2 } },
                                   { { 0xdc, 0, 0, 0, 0, 1 } } };

static void rows_stand_in_the_order_of_their_macs(void **state) {
        CLEANUP(sightings_free_at) struct sightings *t = sightings_new((struct hash_key){ 1, 2 }, 8);
        static const int seen[] = { 1, 2, 0, 1 };
        struct mac at = {};
        (void)state;

        assert_null(sightings_after(t, &at));
        for (size_t i = 0; i < ARRAY_LEN(seen); i++)
                assert_non_null(sightings_see(t, &macs[seen[i]], 100 + (int64_t)i));
        for (size_t i = 0; i < ARRAY_LEN(macs); i++) {
                const struct sighting *s = sightings_after(t, &at);
                assert_non_null(s);
                assert_true(mac_equal(&s->known.mac, &macs[i]));
                assert_ptr_equal(sighting_next(s), sightings_after(t, &s->known.mac));
                at = s->known.mac;
        }
        assert_null(sightings_after(t, &at));
        assert_int_equal(sightings_find(t, &macs[1])->first_s, 100);
        assert_int_equal(sightings_find(t, &macs[1])->last_s, 103);
}

static void the_one_not_seen_longest_makes_room(void **state) {
        CLEANUP(sightings_free_at) struct sightings *t = sightings_new((struct hash_key){ 1, 2 }, 2);
        (void)state;

        sightings_see(t, &macs[0], 1)->client = CLIENT_PI4;
        sightings_see(t, &macs[1], 2)->client = CLIENT_PI5;
        sightings_see(t, &macs[0], 3);
        sightings_see(t, &macs[2], 4);
        assert_null(sightings_find(t, &macs[1]));
        assert_int_equal(sightings_find(t, &macs[0])->client, CLIENT_PI4);
        assert_int_equal(sightings_find(t, &macs[2])->client, CLIENT_OTHER);
        assert_true(
                mac_equal(&sightings_after(t, &macs[0])->known.mac, &macs[2])); /* who went is in no list */
}

static void a_board_is_found_by_its_serial(void **state) {
        CLEANUP(sightings_free_at) struct sightings *t = sightings_new((struct hash_key){ 1, 2 }, 2);
        const struct pi_identity seven = { .has_serial = true, .serial = 7 }, none = {},
                                 eight = { .has_serial = true, .serial = 8 };
        (void)state;

        struct sighting *a = sightings_see(t, &macs[0], 1);
        assert_null(sightings_find_serial(t, 7));
        sightings_identify(t, a, &seven);
        sightings_identify(t, a, &seven);
        assert_ptr_equal(sightings_find_serial(t, 7), a);
        struct sighting *b = sightings_see(t, &macs[1], 2); /* its twin, or somebody who pretends */
        sightings_identify(t, b, &seven);
        assert_ptr_equal(sightings_find_serial(t, 7), b);
        sightings_identify(t, a, &none);
        assert_ptr_equal(sightings_find_serial(t, 7), b); /* what one takes back, the other said still */
        sightings_identify(t, a, &seven);
        sightings_identify(t, a, &eight);
        assert_null(sightings_find_serial(t, 7));
        assert_ptr_equal(sightings_find_serial(t, 8), a);
        sightings_see(t, &macs[1], 3);
        sightings_see(t, &macs[2], 4); /* takes the place of the one that said 8 */
        assert_null(sightings_find_serial(t, 8));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(rows_stand_in_the_order_of_their_macs),
                cmocka_unit_test(the_one_not_seen_longest_makes_room),
                cmocka_unit_test(a_board_is_found_by_its_serial),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
