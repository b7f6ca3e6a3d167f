/* Threads beside the control thread; see thread.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <signal.h>

#include "io/thread.h"

int thread_start(pthread_t *ret, void *(*run)(void *arg), void *arg) {
        sigset_t all, before;

        (void)sigfillset(&all);
        /* A thread begins with the mask of the one that starts it. */
        (void)pthread_sigmask(SIG_SETMASK, &all, &before);
        int r = -pthread_create(ret, NULL, run, arg);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
        return r;
}

static void set_policy(int policy) {
        const struct sched_param none = {};
        (void)pthread_setschedparam(pthread_self(), policy, &none);
}

void thread_be_patient(void) {
        set_policy(SCHED_BATCH);
}

void thread_be_prompt(void) {
        set_policy(SCHED_OTHER);
}
