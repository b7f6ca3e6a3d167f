/* Waiting for news; see follow.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/follow.h"

#include <pthread.h>
#include <time.h>

struct follow {
        pthread_mutex_t lock;
        pthread_cond_t moved;
        uint64_t count;
        bool is_stopped;
};

struct follow *follow_new(void) {
        struct follow *f = calloc(1, sizeof(*f));
        if (!f)
                return NULL;
        pthread_condattr_t monotonic;
        (void)pthread_condattr_init(&monotonic);
        (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        (void)pthread_cond_init(&f->moved, &monotonic);
        (void)pthread_condattr_destroy(&monotonic);
        (void)pthread_mutex_init(&f->lock, NULL);
        return f;
}

void follow_free(struct follow *f) {
        if (!f)
                return;
        (void)pthread_cond_destroy(&f->moved);
        (void)pthread_mutex_destroy(&f->lock);
        free(f);
}

void follow_moved(struct follow *f) {
        (void)pthread_mutex_lock(&f->lock);
        f->count++;
        (void)pthread_cond_broadcast(&f->moved);
        (void)pthread_mutex_unlock(&f->lock);
}

uint64_t follow_mark(struct follow *f) {
        (void)pthread_mutex_lock(&f->lock);
        uint64_t mark = f->count;
        (void)pthread_mutex_unlock(&f->lock);
        return mark;
}

void follow_wait(struct follow *f, uint64_t mark, unsigned wait_ms) {
        struct timespec until;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += wait_ms / 1000;
        until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
                until.tv_sec++;
                until.tv_nsec -= 1000000000;
        }

        (void)pthread_mutex_lock(&f->lock);
        while (f->count == mark && !f->is_stopped)
                if (pthread_cond_timedwait(&f->moved, &f->lock, &until) != 0)
                        break;
        (void)pthread_mutex_unlock(&f->lock);
}

void follow_stop(struct follow *f) {
        (void)pthread_mutex_lock(&f->lock);
        f->is_stopped = true;
        (void)pthread_cond_broadcast(&f->moved);
        (void)pthread_mutex_unlock(&f->lock);
}
