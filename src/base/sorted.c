/* Items in the order of a number; see sorted.h. A treap (Seidel and Aragon, 1996): by number a search tree,
 * by rank a heap. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sorted.h"

static struct sorted_node **towards(struct sorted_node *n, uint64_t number) {
        return number < n->number ? &n->less : &n->more;
}

/* The one before @number; NULL: there is none. */
static struct sorted_node *before(const struct sorted *s, uint64_t number) {
        struct sorted_node *found = NULL;

        for (struct sorted_node *n = s->root; n;) {
                if (n->number < number)
                        found = n;
                n = n->number < number ? n->more : n->less;
        }
        return found;
}

void sorted_add(struct sorted *s, struct sorted_node *n, uint64_t number) {
        struct sorted_node **at = &s->root, **less = &n->less, **more = &n->more;
        struct sorted_node *previous = before(s, number);

        n->next = previous ? previous->next : sorted_from(s, 0);
        if (previous)
                previous->next = n;
        n->number = number;
        n->rank = hash_siphash(s->key, &number, sizeof(number));
        while (*at && (*at)->rank >= n->rank)
                at = towards(*at, number);

        /* What lay there is parted: the smaller ones to its left, the others to its right. */
        for (struct sorted_node *rest = *at; rest;) {
                if (rest->number < number) {
                        *less = rest;
                        less = &rest->more;
                        rest = rest->more;
                } else {
                        *more = rest;
                        more = &rest->less;
                        rest = rest->less;
                }
        }
        *less = *more = NULL;
        *at = n;
}

void sorted_remove(struct sorted *s, const struct sorted_node *n) {
        struct sorted_node **at = &s->root, *less = n->less, *more = n->more;
        struct sorted_node *previous = before(s, n->number);

        if (previous)
                previous->next = n->next;
        while (*at != n)
                at = towards(*at, n->number);

        /* What lay to its left and right becomes one again. */
        while (less && more) {
                if (less->rank >= more->rank) {
                        *at = less;
                        at = &less->more;
                        less = less->more;
                } else {
                        *at = more;
                        at = &more->less;
                        more = more->less;
                }
        }
        *at = less ? less : more;
}

struct sorted_node *sorted_from(const struct sorted *s, uint64_t number) {
        struct sorted_node *found = NULL;

        for (struct sorted_node *n = s->root; n;) {
                if (n->number >= number)
                        found = n;
                n = n->number >= number ? n->less : n->more;
        }
        return found;
}
