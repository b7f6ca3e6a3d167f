/* A thread of ours takes no signals, and whoever starts it goes on taking them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "io/thread.h"

static void *look_at_mask(void *arg) {
        (void)pthread_sigmask(SIG_SETMASK, NULL, arg);
        return NULL;
}

static void signals_are_not_for_it(void **state) {
        sigset_t inside, outside;
        pthread_t thread;
        (void)state;

        assert_int_equal(thread_start(&thread, look_at_mask, &inside), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        (void)pthread_sigmask(SIG_SETMASK, NULL, &outside);
        for (size_t i = 0; i < 3; i++) {
                const int number = (const int[]){ SIGTERM, SIGHUP, SIGINT }[i];
                assert_int_equal(sigismember(&inside, number), 1);
                assert_int_equal(sigismember(&outside, number), 0);
        }
}

static void *look_at_policy(void *arg) {
        *(int *)arg = sched_getscheduler(0);
        return NULL;
}

static int policy_of_a_thread(void) {
        pthread_t thread;
        int policy = -1;

        assert_int_equal(thread_start(&thread, look_at_policy, &policy), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        return policy;
}

static void patience_is_handed_on(void **state) {
        (void)state;

        thread_be_patient();
        assert_int_equal(policy_of_a_thread(), SCHED_BATCH);
        thread_be_prompt();
        assert_int_equal(policy_of_a_thread(), SCHED_OTHER);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(signals_are_not_for_it),
                cmocka_unit_test(patience_is_handed_on),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
