/* The timer wheel: what expires when. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/tftp/wheel.h"

enum { START_US = 5000400 };

static void test_expiry(void **state) {
        struct tftp_wheel w;
        struct tftp_timer a = {}, b = {}, c = {};

        (void)state;
        tftp_wheel_init(&w, START_US);
        assert_int_equal(tftp_wheel_sleep_ms(&w, START_US), -1);
        assert_null(tftp_wheel_expired(&w, START_US));

        tftp_wheel_wake_by(&w, &a, START_US + 20000);
        tftp_wheel_wake_by(&w, &b, START_US + 5000);
        tftp_wheel_wake_by(&w, &c, START_US + 20000);
        assert_int_equal(tftp_wheel_sleep_ms(&w, START_US),
                         6); /* the slot begins up to a millisecond later */
        assert_null(tftp_wheel_expired(&w, START_US + 4000));
        assert_ptr_equal(tftp_wheel_expired(&w, START_US + 6000), &b);
        assert_null(tftp_wheel_expired(&w, START_US + 6000));
        tftp_wheel_remove(&w, &a);
        assert_ptr_equal(tftp_wheel_expired(&w, START_US + 30000), &c);
        assert_null(tftp_wheel_expired(&w, START_US + 30000));
        assert_int_equal(tftp_wheel_sleep_ms(&w, START_US + 30000), -1);
}

/* A timer that is put off stays where it is; one that is wanted sooner moves. */
static void test_moving(void **state) {
        struct tftp_wheel w;
        struct tftp_timer t = {};

        (void)state;
        tftp_wheel_init(&w, START_US);
        tftp_wheel_wake_by(&w, &t, START_US + 10000);
        tftp_wheel_wake_by(&w, &t, START_US + 90000);
        assert_ptr_equal(tftp_wheel_expired(&w, START_US + 11000), &t); /* early: its owner sets it again */
        tftp_wheel_wake_by(&w, &t, START_US + 90000);
        tftp_wheel_wake_by(&w, &t, START_US + 20000);
        assert_ptr_equal(tftp_wheel_expired(&w, START_US + 21000), &t);
        tftp_wheel_remove(&w, &t);
        tftp_wheel_remove(&w, &t);
}

static void test_far_and_late(void **state) {
        struct tftp_wheel w;
        struct tftp_timer t = {};

        (void)state;
        tftp_wheel_init(&w, START_US);
        tftp_wheel_wake_by(&w, &t, START_US + 60000000); /* beyond the wheel: at its far end */
        assert_true(tftp_wheel_sleep_ms(&w, START_US) <= TFTP_WHEEL_SLOTS);
        assert_null(tftp_wheel_expired(&w, START_US + 500000));
        assert_ptr_equal(tftp_wheel_expired(&w, START_US + 512000), &t);

        tftp_wheel_wake_by(&w, &t, START_US); /* already past */
        assert_int_equal(tftp_wheel_sleep_ms(&w, START_US + 512000), 0);
        assert_ptr_equal(tftp_wheel_expired(&w, START_US + 512000), &t);

        /* The process slept for an hour. */
        tftp_wheel_wake_by(&w, &t, START_US + 600000);
        assert_ptr_equal(tftp_wheel_expired(&w, START_US + 3600000000), &t);
        assert_null(tftp_wheel_expired(&w, START_US + 3600000000));
}

/* Every one of many timers expires once, in its millisecond. */
static void test_many(void **state) {
        enum { TIMERS = 5000 };
        static struct tftp_timer timers[TIMERS];
        struct tftp_wheel w;
        unsigned expired = 0;

        (void)state;
        tftp_wheel_init(&w, START_US);
        for (unsigned i = 0; i < TIMERS; i++)
                tftp_wheel_wake_by(&w, &timers[i], START_US + i * 97);
        for (uint64_t now_us = START_US; now_us < START_US + 500000; now_us += 700)
                for (struct tftp_timer *t; (t = tftp_wheel_expired(&w, now_us)); expired++) {
                        uint64_t wanted_us = START_US + (uint64_t)(t - timers) * 97;
                        assert_true(now_us >= wanted_us && now_us < wanted_us + 1000 + 700);
                }
        assert_int_equal(expired, TIMERS);
        assert_int_equal(w.n, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_expiry),
                cmocka_unit_test(test_moving),
                cmocka_unit_test(test_far_and_late),
                cmocka_unit_test(test_many),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
