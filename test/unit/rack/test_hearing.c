/* The way from boot HTTP's threads to the control thread: in order, and bounded in number and in octets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "rack/hearing.h"

static struct heard of(uint64_t session, size_t octets) {
        static char body[1000];
        const struct agent_report r = { .body = octets ? body : NULL, .body_len = octets };

        for (size_t i = 0; i < sizeof(body); i++)
                body[i] = 'x';
        return (struct heard){ .kind = HEARD_REPORT, .session = session, .report = agent_report_copy(&r) };
}

static bool tell(struct hearing *h, uint64_t session, size_t octets) {
        struct heard m = of(session, octets);
        return hearing_tell(h, &m);
}

static void is_bounded_in_number(void **state) {
        CLEANUP(hearing_free_at) struct hearing *h = hearing_new(3, 1 << 20);
        struct heard got[4];
        (void)state;

        for (uint64_t i = 1; i <= 4; i++)
                assert_int_equal(tell(h, i, 10), i <= 3);
        assert_int_equal(hearing_receive(h, got, 2), 2);
        assert_true(tell(h, 5, 10));
        assert_int_equal(hearing_receive(h, got + 2, 2), 2);
        assert_int_equal(got[0].session, 1);
        assert_int_equal(got[1].session, 2);
        assert_int_equal(got[2].session, 3);
        assert_int_equal(got[3].session, 5);
        for (size_t i = 0; i < ARRAY_LEN(got); i++)
                agent_report_free(got[i].report);
        assert_int_equal(hearing_receive(h, got, 1), 0);
}

static void is_bounded_in_octets(void **state) {
        CLEANUP(hearing_free_at) struct hearing *h = hearing_new(100, 1000);
        struct heard got;
        (void)state;

        assert_true(tell(h, 1, 600));
        assert_false(tell(h, 2, 401));
        assert_true(tell(h, 3, 400));
        assert_false(tell(h, 4, 1));
        assert_true(tell(h, 5, 0));
        assert_int_equal(hearing_receive(h, &got, 1), 1);
        agent_report_free(got.report);
        assert_true(tell(h, 6, 600)); /* what was received counts no more; what is left is freed with it */
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(is_bounded_in_number),
                                            cmocka_unit_test(is_bounded_in_octets) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
