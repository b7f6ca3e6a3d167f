/* The wait for an answer, measure by measure (RFC 6298). */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "net/tftp/rtt.h"

enum { BACK_OFF = 0 };

static const struct {
        const char *remark;
        uint32_t min_us, max_us;
        uint64_t measures[8]; /* BACK_OFF: none came */
        unsigned n;
        uint32_t want_us;
} rows[] = {
        { "nothing measured", 20000, 2000000, {}, 0, 300000 },
        { "the first measure: three times it", 1000, 2000000, { 10000 }, 1, 30000 },
        { "steady: the variation goes down", 1000, 2000000, { 10000, 10000, 10000 }, 3, 21248 },
        { "very steady: the clock's own step is left", 1, 2000000, { 8, 8, 8, 8 }, 4, 1008 },
        { "short, but never below the lower bound", 20000, 2000000, { 100 }, 1, 20000 },
        { "never above the upper one", 20000, 1000000, { 900000 }, 1, 1000000 },
        { "back-off doubles", 20000, 2000000, { 100, BACK_OFF, BACK_OFF }, 3, 80000 },
        { "up to the bound", 500000, 1000000, { 100, BACK_OFF, BACK_OFF, BACK_OFF }, 4, 1000000 },
        { "a measure ends it", 20000, 2000000, { 100, BACK_OFF, BACK_OFF, 100 }, 4, 20000 },
        { "an absurd measure", 20000, 2000000, { UINT64_MAX, UINT64_MAX, UINT64_MAX }, 3, 2000000 },
};

static void test_rows(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct tftp_rtt r;

                tftp_rtt_start(&r, 300000, rows[i].min_us, rows[i].max_us);
                for (unsigned m = 0; m < rows[i].n; m++)
                        if (rows[i].measures[m] == BACK_OFF)
                                tftp_rtt_back_off(&r);
                        else
                                tftp_rtt_measured(&r, rows[i].measures[m]);
                if (r.timeout_us != rows[i].want_us)
                        fail_msg("%s: %u", rows[i].remark, r.timeout_us);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
