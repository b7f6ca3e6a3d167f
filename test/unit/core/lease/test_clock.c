/* The hour as leases count it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/lease/clock.h"

static void follows_the_wall_clock_in_steps(void **state) {
        static const struct {
                int64_t unix_ms;
                uint64_t now_ms;
                int64_t by_s, then_s;
                const char *remark;
        } rows[] = {
                { 1700000001000, 6000, 0, 1700000001, "a second is a second" },
                { 1700000002500, 7000, 0, 1700000002, "slewed: half a second ahead" },
                { 1731536003000, 8000, 31536000, 1731536003, "set forward by a year" },
                { 1731536004000, 9000, 0, 1731536004, "and so it stays" },
                { 1700000004900, 10000, -31536000, 1700000005, "back again; less than a second is left" },
                { 1700000006000, 11000, 0, 1700000006, "" },
        };
        struct lease_clock c = lease_clock_new(1700000000000, 5000);
        (void)state;

        assert_int_equal(lease_clock_s(&c, 5999), 1700000000);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                int64_t by_s = lease_clock_follow(&c, rows[i].unix_ms, rows[i].now_ms);
                int64_t then_s = lease_clock_s(&c, rows[i].now_ms);
                if (by_s != rows[i].by_s || then_s != rows[i].then_s)
                        fail_msg("%s: moved by %lld, shows %lld", rows[i].remark, (long long)by_s,
                                 (long long)then_s);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(follows_the_wall_clock_in_steps) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
