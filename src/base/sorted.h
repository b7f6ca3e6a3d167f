/*
 * Items in the order of a number: put in, taken out and found in O(log n), and walked from there.
 *
 * For long tables that people look at by the page. A treap whose nodes lie inside the items: each node draws
 * a rank from a keyed hash of its number, so that strangers who choose the numbers choose no shape, and
 * nothing is ever balanced. No allocation, no recursion.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct sorted_node {
        struct sorted_node *less, *more;
        struct sorted_node *next; /* the one behind it; NULL: it is the last */
        uint64_t number, rank;
};

/* Set @key; nothing else needs a beginning. */
struct sorted {
        struct sorted_node *root;
        struct hash_key key;
};

/** sorted_add() - put @n in at @number, which no other has. */
void sorted_add(struct sorted *s, struct sorted_node *n, uint64_t number);

/** sorted_remove() - take @n out, which is in. */
void sorted_remove(struct sorted *s, const struct sorted_node *n);

/** sorted_from() - the first item at or behind @number; NULL: none. */
struct sorted_node *sorted_from(const struct sorted *s, uint64_t number);
