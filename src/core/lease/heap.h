/*
 * A binary min-heap whose nodes lie inside the items: what runs out first is at the root.
 *
 * Every node knows its place, so that a renewal moves it in O(log n) and nothing is ever searched.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct heap;

struct heap_node {
        int64_t key;       /* smallest first */
        uint64_t order;    /* and among equal keys the one that was put first */
        struct heap *heap; /* where it lies; NULL: nowhere */
        size_t at;
};

/* Zero-initialise. */
struct heap {
        struct heap_node **nodes;
        size_t n, room;
};

/** heap_free() - forget the nodes, which stay the caller's. */
void heap_free(struct heap *h);

/** heap_reserve() - make room for @n nodes in all, so that heap_put() need not fail. 0 or -ENOMEM. */
MUST_CHECK int heap_reserve(struct heap *h, size_t n);

/** heap_put() - put @n in, or move it when it lies in a heap already; room was reserved. */
void heap_put(struct heap *h, struct heap_node *n, int64_t key, uint64_t order);

/** heap_remove() - take @n out of its heap; a no-op when it lies in none. */
void heap_remove(struct heap_node *n);

static inline struct heap_node *heap_first(const struct heap *h) {
        return h->n ? h->nodes[0] : NULL;
}
