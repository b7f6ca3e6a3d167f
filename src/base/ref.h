/* Reference counts for what several threads read and none changes. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>

struct ref {
        atomic_uint count; /* starts at 1: the maker's own */
};

static inline void ref_init(struct ref *r) {
        atomic_init(&r->count, 1);
}

static inline void ref_take(struct ref *r) {
        unsigned before = atomic_fetch_add_explicit(&r->count, 1, memory_order_relaxed);
        assert(before > 0);
        (void)before;
}

/* Whether the asker's reference is the only one; true only as long as nobody else can take another. */
static inline bool ref_is_last(const struct ref *r) {
        return atomic_load_explicit(&r->count, memory_order_acquire) == 1;
}

/* Gives one reference back; true when it was the last and the caller must free. */
static inline bool ref_drop(struct ref *r) {
        unsigned before = atomic_fetch_sub_explicit(&r->count, 1, memory_order_acq_rel);
        assert(before > 0);
        return before == 1;
}
