/* Who waits, and who is woken: a table and what is done to it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/http/waiting.h"

enum { N = 6 };

struct crowd {
        struct http_wait waits[N];
        char woken[2 * N + 1]; /* letters, in the order of being woken */
};

static void note(void *ctx, struct http_wait *w) {
        struct crowd *c = ctx;
        assert_null(w->key);
        c->woken[strlen(c->woken)] = (char)('a' + (w - c->waits));
}

/* a and d wait for 1, b, c and e for 2, f for 3; each for ten seconds more than the one before. */
static struct http_waiting *gather(struct crowd *c) {
        static const uint64_t keys[N] = { 1, 2, 2, 1, 2, 3 };
        struct http_waiting *t = http_waiting_new();

        assert_non_null(t);
        *c = (struct crowd){};
        for (size_t i = 0; i < N; i++)
                assert_int_equal(http_waiting_add(t, &c->waits[i], keys[i], 10000 * (i + 1)), 0);
        assert_int_equal(http_waiting_len(t), N);
        return t;
}

static void wakes_whom_it_is_for(void **state) {
        static const struct {
                const char *remark;
                uint64_t key;
                const char *woken;
                size_t left;
        } rows[] = {
                { "nobody waits for it", 7, "", 6 },     { "all of one key, in their order", 2, "bce", 3 },
                { "and only once", 2, "", 3 },           { "the last of a key", 3, "f", 2 },
                { "the ends of the table", 1, "ad", 0 },
        };
        struct crowd c;
        CLEANUP(http_waiting_free_at) struct http_waiting *t = gather(&c);
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                memset(c.woken, 0, sizeof(c.woken));
                http_waiting_wake(t, rows[i].key, note, &c);
                if (strcmp(c.woken, rows[i].woken) != 0 || http_waiting_len(t) != rows[i].left)
                        fail_msg("%s: %s", rows[i].remark, c.woken);
        }
}

static void wakes_whose_time_is_over(void **state) {
        struct crowd c;
        CLEANUP(http_waiting_free_at) struct http_waiting *t = gather(&c);
        (void)state;

        http_waiting_expire(t, 9999, note, &c);
        assert_string_equal(c.woken, "");
        http_waiting_expire(t, 30000, note, &c);
        assert_string_equal(c.woken, "abc");
        http_waiting_wake(t, 2, note, &c);
        assert_string_equal(c.woken, "abce");
        http_waiting_expire(t, UINT64_MAX, note, &c);
        assert_string_equal(c.woken, "abcedf");
        assert_int_equal(http_waiting_len(t), 0);
}

static void forgets_who_left(void **state) {
        struct crowd c;
        CLEANUP(http_waiting_free_at) struct http_waiting *t = gather(&c);
        (void)state;

        http_waiting_remove(t, &c.waits[1]);
        http_waiting_remove(t, &c.waits[1]); /* twice is once */
        http_waiting_remove(t, &c.waits[5]);
        http_waiting_wake(t, 2, note, &c);
        http_waiting_wake(t, 3, note, &c);
        assert_string_equal(c.woken, "ce");
        assert_int_equal(http_waiting_add(t, &c.waits[1], 3, 1), 0); /* and may come back */
        http_waiting_wake(t, 3, note, &c);
        assert_string_equal(c.woken, "ceb");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(wakes_whom_it_is_for),
                cmocka_unit_test(wakes_whose_time_is_over),
                cmocka_unit_test(forgets_who_left),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
