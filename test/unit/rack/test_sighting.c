/* Sightings: one row for each MAC, the most recent first, and no more than the bound. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rack/sighting.h"

static const struct mac macs[] = { { { 2, 0, 0, 0, 0, 1 } },
                                   { { 2, 0, 0, 0, 0, 2 } },
                                   { { 2, 0, 0, 0, 0, 3 } } };

static void who_was_seen_last_comes_first(void **state) {
        CLEANUP(sightings_free_at) struct sightings *t = sightings_new((struct hash_key){ 1, 2 }, 8);
        (void)state;

        assert_null(sightings_next(t, NULL));
        for (int i = 0; i < 3; i++)
                assert_non_null(sightings_see(t, &macs[i], 100 + i));
        struct sighting *first = sightings_see(t, &macs[0], 200);
        assert_int_equal(first->first_s, 100);
        assert_int_equal(first->last_s, 200);

        static const int order[] = { 0, 2, 1 };
        const struct sighting *at = NULL;
        for (size_t i = 0; i < ARRAY_LEN(order); i++) {
                at = sightings_next(t, at);
                assert_non_null(at);
                assert_true(mac_equal(&at->known.mac, &macs[order[i]]));
        }
        assert_null(sightings_next(t, at));
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
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(who_was_seen_last_comes_first),
                cmocka_unit_test(the_one_not_seen_longest_makes_room),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
