/* What is known by a MAC: who makes room for whom. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/map.h"
#include "rack/macs.h"

enum { ROOM = 4 };

struct thing {
        struct macs_item known;
        int something;
};

static struct mac mac_of(char letter) {
        return (struct mac){ { 2, 0, 0, 0, 0, (uint8_t)letter } };
}

/* Small letters call for the first time or again; a capital is known for good from now on. */
static void says(struct macs *t, char letter) {
        bool is_capital = letter >= 'A' && letter <= 'Z';
        struct mac mac = mac_of(is_capital ? (char)(letter - 'A' + 'a') : letter);
        struct thing *thing = macs_find(t, &mac);

        if (!thing) {
                if (macs_is_full(t))
                        macs_remove(t, macs_spare(t));
                thing = macs_add(t, &mac, sizeof(*thing));
                assert_non_null(thing);
                assert_int_equal(thing->something, 0);
        }
        thing->something = letter;
        macs_touch(t, &thing->known);
        if (is_capital)
                macs_keep(t, &thing->known);
}

static void strangers_make_room_first(void **state) {
        static const struct {
                const char *said, *left, *why;
        } rows[] = {
                { "abcd", "abcd", "there is room for all" },
                { "abcde", "bcde", "the oldest of strangers goes" },
                { "abcdae", "acde", "but who calls again is not the oldest" },
                { "Abcdefghijk", "aijk", "and who is known outlasts any number of them" },
                { "AbBcdefghijk", "abjk", "also who became known later" },
                { "ABCDe", "bcde", "among those who are known the oldest goes" },
                { "ABCDaefgh", "acdh", "and a flood costs one of them its place, not all" },
                { "abcdABCD", "abcd", "it is the same ones still" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(macs_destroy) struct macs t;
                size_t n = 0;

                assert_int_equal(macs_init(&t, (struct hash_key){ 1, 2 }, ROOM), 0);
                for (const char *at = rows[i].said; *at; at++)
                        says(&t, *at);
                for (const char *at = rows[i].left; *at; at++, n++) {
                        struct mac mac = mac_of(*at);
                        if (!macs_find(&t, &mac))
                                fail_msg("%s leaves no %c: %s", rows[i].said, *at, rows[i].why);
                }
                assert_int_equal(map_len(t.by_mac), n);
        }
}

static void a_full_table_says_so(void **state) {
        CLEANUP(macs_destroy) struct macs t;
        const struct mac a = mac_of('a'), b = mac_of('b');
        (void)state;

        assert_int_equal(macs_init(&t, (struct hash_key){ 1, 2 }, 1), 0);
        assert_null(macs_spare(&t));
        struct macs_item *item = macs_add(&t, &a, sizeof(struct thing));
        assert_true(macs_is_full(&t));
        assert_null(macs_add(&t, &b, sizeof(struct thing)));
        assert_ptr_equal(macs_spare(&t), item);
        macs_remove(&t, item);
        assert_null(macs_find(&t, &a));
        assert_false(macs_is_full(&t));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(strangers_make_room_first),
                cmocka_unit_test(a_full_table_says_so),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
