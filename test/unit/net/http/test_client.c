/* When a call gives up: not before nothing at all has moved for its time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "net/http/client.h"

static void test_signs_of_life_keep_a_stream(void **state) {
        struct http_idle idle = {};
        uint64_t octets = 200, now_ms = 1000;
        (void)state;

        /* Three octets every 5 s, as a stream without events has them, for ten minutes. */
        for (unsigned s = 0; s < 600; s++, now_ms += 1000) {
                octets += s % 5 == 4 ? 3 : 0;
                assert_false(http_idle_is_over(&idle, octets, now_ms, 60));
        }
}

static void test_silence_ends_a_call(void **state) {
        static const struct {
                uint64_t octets, now_ms;
                bool is_over;
        } rows[] = {
                { 0, 5000, false },  /* the clock starts with the first look */
                { 0, 34999, false }, /* nothing yet */
                { 1, 34999, false }, /* one octet is enough to begin anew */
                { 1, 64998, false }, /* just short of it */
                { 1, 64999, true },  /* nothing for 30 s */
                { 2, 64999, false }, /* were it asked again after more came */
        };
        struct http_idle idle = {};
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_int_equal(http_idle_is_over(&idle, rows[i].octets, rows[i].now_ms, 30),
                                 rows[i].is_over);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_signs_of_life_keep_a_stream),
                cmocka_unit_test(test_silence_ends_a_call),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
