/* The hash table against a plain array, over many random changes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/map.h"

enum { KEYS = 500, CHANGES = 20000 };

static uint32_t next_random(uint32_t *seed) {
        *seed = *seed * 1664525 + 1013904223;
        return *seed >> 8;
}

static void behaves_as_an_array(void **state) {
        CLEANUP(map_free_at) struct map *m = map_new((struct hash_key){ 1, 2 });
        static char values[CHANGES];
        void *model[KEYS] = {};
        size_t len = 0;
        uint32_t seed = 7;
        (void)state;

        for (size_t i = 0; i < CHANGES; i++) {
                uint32_t key = next_random(&seed) % KEYS;
                if (next_random(&seed) % 3) {
                        void *old;
                        assert_int_equal(map_put(m, &key, sizeof(key), &values[i], &old), 0);
                        assert_ptr_equal(old, model[key]);
                        len += !model[key];
                        model[key] = &values[i];
                } else {
                        assert_ptr_equal(map_remove(m, &key, sizeof(key)), model[key]);
                        len -= !!model[key];
                        model[key] = NULL;
                }
                uint32_t other = next_random(&seed) % KEYS;
                assert_ptr_equal(map_get(m, &other, sizeof(other)), model[other]);
                assert_int_equal(map_len(m), len);
        }

        size_t cursor = 0, seen = 0;
        while (map_next(m, &cursor))
                seen++;
        assert_int_equal(seen, len);
}

static void keys_of_all_lengths(void **state) {
        CLEANUP(map_free_at) struct map *m = map_new((struct hash_key){ 3, 4 });
        static char value;
        char key[MAP_KEY_MAX];
        (void)state;

        memset(key, 'k', sizeof(key));
        for (size_t len = 1; len <= sizeof(key); len++)
                assert_int_equal(map_put(m, key, len, &value, NULL), 0);
        assert_int_equal(map_len(m), MAP_KEY_MAX); /* a prefix is another key */
        assert_null(map_get(m, "x", 1));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(behaves_as_an_array),
                cmocka_unit_test(keys_of_all_lengths),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
