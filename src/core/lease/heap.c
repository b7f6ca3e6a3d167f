/* What runs out first; see heap.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>

#include "core/lease/heap.h"

static bool is_before(const struct heap_node *a, const struct heap_node *b) {
        return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void set(struct heap *h, size_t at, struct heap_node *n) {
        h->nodes[at] = n;
        n->at = at;
}

static void sift_up(struct heap *h, struct heap_node *n) {
        size_t at = n->at;
        while (at > 0 && is_before(n, h->nodes[(at - 1) / 2])) {
                set(h, at, h->nodes[(at - 1) / 2]);
                at = (at - 1) / 2;
        }
        set(h, at, n);
}

static void sift_down(struct heap *h, struct heap_node *n) {
        size_t at = n->at;
        for (;;) {
                size_t child = 2 * at + 1;
                if (child + 1 < h->n && is_before(h->nodes[child + 1], h->nodes[child]))
                        child++;
                if (child >= h->n || is_before(n, h->nodes[child]))
                        break;
                set(h, at, h->nodes[child]);
                at = child;
        }
        set(h, at, n);
}

void heap_free(struct heap *h) {
        free(h->nodes);
        *h = (struct heap){};
}

int heap_reserve(struct heap *h, size_t n) {
        if (n <= h->room)
                return 0;
        size_t room = h->room ? h->room : 64;
        while (room < n)
                room *= 2;
        struct heap_node **nodes = reallocarray(h->nodes, room, sizeof(struct heap_node *));
        if (!nodes)
                return -ENOMEM;
        h->nodes = nodes;
        h->room = room;
        return 0;
}

void heap_put(struct heap *h, struct heap_node *n, int64_t key, uint64_t order) {
        if (n->heap != h) {
                heap_remove(n);
                assert(h->n < h->room);
                n->heap = h;
                set(h, h->n++, n);
        }
        n->key = key;
        n->order = order;
        sift_up(h, n);
        sift_down(h, n);
}

void heap_remove(struct heap_node *n) {
        struct heap *h = n->heap;
        if (!h)
                return;

        struct heap_node *last = h->nodes[--h->n];
        if (last != n) {
                set(h, n->at, last);
                sift_up(h, last);
                sift_down(h, last);
        }
        n->heap = NULL;
}
