/* Waiting for news: no news is missed between a look and the wait, and the end wakes everybody. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "rack/follow.h"

enum { LONG_MS = 600000 }; /* a test that waits so long has failed */

static void what_came_before_the_wait_ends_it(void **state) {
        CLEANUP(follow_free_at) struct follow *f = follow_new();
        (void)state;

        uint64_t mark = follow_mark(f);
        follow_moved(f);
        follow_wait(f, mark, LONG_MS);
        assert_true(follow_mark(f) != mark);
        follow_wait(f, follow_mark(f), 1); /* no news: the time ends it */
}

static void *wait_for_news(void *ctx) {
        struct follow *f = ctx;
        follow_wait(f, 0, LONG_MS);
        return NULL;
}

static void news_and_the_end_wake_all(void **state) {
        static void (*const ends[])(struct follow * f) = { follow_moved, follow_stop };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
                CLEANUP(follow_free_at) struct follow *f = follow_new();
                pthread_t threads[3];
                for (size_t k = 0; k < ARRAY_LEN(threads); k++)
                        assert_int_equal(pthread_create(&threads[k], NULL, wait_for_news, f), 0);
                ends[i](f);
                for (size_t k = 0; k < ARRAY_LEN(threads); k++)
                        assert_int_equal(pthread_join(threads[k], NULL), 0);
        }
}

static void nobody_waits_after_the_end(void **state) {
        CLEANUP(follow_free_at) struct follow *f = follow_new();
        (void)state;

        follow_stop(f);
        follow_wait(f, follow_mark(f), LONG_MS);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_came_before_the_wait_ends_it),
                cmocka_unit_test(news_and_the_end_wake_all),
                cmocka_unit_test(nobody_waits_after_the_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
