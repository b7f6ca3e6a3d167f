/* The persistent map: old versions stay as they were, unchanged parts are shared, nothing leaks. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pmap.h"

struct item {
        int refs;
};

static void *item_take(void *value) {
        ((struct item *)value)->refs++;
        return value;
}

static void item_drop(void *value) {
        ((struct item *)value)->refs--;
}

static const struct pmap_ops ops = { item_take, item_drop };

enum { N = 3000 };

/* Replaces *@m by its successor. */
static void step(struct pmap **m, struct pmap *next) {
        assert_non_null(next);
        pmap_drop(*m);
        *m = next;
}

static void versions_do_not_change(void **state) {
        static struct item items[N];
        struct pmap *m = pmap_new(&ops), *half = NULL;
        (void)state;

        for (uint32_t i = 0; i < N; i++) {
                step(&m, pmap_put(m, &i, sizeof(i), &items[i]));
                if (i == N / 2)
                        half = pmap_take(m);
        }
        assert_int_equal(pmap_len(m), N);
        assert_int_equal(pmap_len(half), N / 2 + 1);

        for (uint32_t i = 0; i < N; i += 2)
                step(&m, pmap_remove(m, &i, sizeof(i)));
        assert_int_equal(pmap_len(m), N / 2);

        for (uint32_t i = 0; i < N; i++) {
                assert_ptr_equal(pmap_get(m, &i, sizeof(i)), i % 2 ? &items[i] : NULL);
                assert_ptr_equal(pmap_get(half, &i, sizeof(i)), i <= N / 2 ? &items[i] : NULL);
        }

        pmap_drop(m);
        pmap_drop(half);
        for (uint32_t i = 0; i < N; i++)
                assert_int_equal(items[i].refs, 0); /* every reference came back */
}

static void replacing_keeps_one(void **state) {
        struct item a = {}, b = {};
        struct pmap *m = pmap_new(&ops);
        (void)state;

        step(&m, pmap_put(m, "key", 3, &a));
        step(&m, pmap_put(m, "key", 3, &b));
        assert_int_equal(pmap_len(m), 1);
        assert_ptr_equal(pmap_get(m, "key", 3), &b);
        assert_int_equal(a.refs, 0);
        step(&m, pmap_remove(m, "other", 5)); /* not there: an equal map */
        assert_int_equal(pmap_len(m), 1);
        step(&m, pmap_remove(m, "key", 3));
        assert_int_equal(pmap_len(m), 0);
        pmap_drop(m);
        assert_int_equal(b.refs, 0);
}

static int count_until_ten(void *ctx, const void *key, size_t key_len, void *value) {
        (void)key;
        (void)key_len;
        (void)value;
        return ++*(int *)ctx == 10 ? 42 : 0;
}

static void walking_stops_when_told(void **state) {
        struct item item = {};
        struct pmap *m = pmap_new(&ops);
        int seen = 0;
        (void)state;

        for (uint32_t i = 0; i < 100; i++)
                step(&m, pmap_put(m, &i, sizeof(i), &item));
        assert_int_equal(pmap_each(m, count_until_ten, &seen), 42);
        assert_int_equal(seen, 10);
        pmap_drop(m);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(versions_do_not_change),
                cmocka_unit_test(replacing_keeps_one),
                cmocka_unit_test(walking_stops_when_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
