/* One pointer that one thread sets and many read; see published.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "io/published.h"

void published_init(struct published *p, void *(*take)(void *), void (*drop)(void *)) {
        *p = (struct published){ .take = take, .drop = drop };
        (void)pthread_mutex_init(&p->lock, NULL);
}

void published_destroy(struct published *p) {
        if (p->value)
                p->drop(p->value);
        p->value = NULL;
        (void)pthread_mutex_destroy(&p->lock);
}

void published_set(struct published *p, void *value) {
        (void)pthread_mutex_lock(&p->lock);
        void *old = p->value;
        p->value = value;
        (void)pthread_mutex_unlock(&p->lock);

        /* Outside the lock: the last reference to a large snapshot takes a while to free. */
        if (old)
                p->drop(old);
}

void *published_take(struct published *p) {
        (void)pthread_mutex_lock(&p->lock);
        void *value = p->value ? p->take(p->value) : NULL;
        (void)pthread_mutex_unlock(&p->lock);
        return value;
}
