/*
 * One pointer that one thread sets and many read: how snapshots reach the data plane.
 *
 * The value is reference counted by the two functions given. The lock is held for a few instructions.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>

struct published {
        pthread_mutex_t lock;
        void *value;
        void *(*take)(void *value);
        void (*drop)(void *value);
};

void published_init(struct published *p, void *(*take)(void *), void (*drop)(void *));
void published_destroy(struct published *p); /* drops the value */

/** published_set() - replace the value; takes over the caller's reference (@value may be NULL). */
void published_set(struct published *p, void *value);

/** published_take() - a reference to the newest value, or NULL before the first. */
void *published_take(struct published *p);
