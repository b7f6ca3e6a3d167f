/*
 * A persistent map: every change gives a new map that shares what did not change with the old one.
 *
 * This is how a site snapshot costs what changed and not what is there: many threads
 * read one version while the next is made. A hash trie of 32-way nodes with reference counts; keys are
 * octets, copied. A value is reference counted by the functions that the map was made with.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct pmap;

struct pmap_ops {
        void *(*take)(void *value); /* one more reference; returns @value */
        void (*drop)(void *value);  /* one fewer */
};

/** pmap_new() - the empty map; one reference, the caller's. @ops lives longer than the map and its
 * successors. */
struct pmap *pmap_new(const struct pmap_ops *ops);
struct pmap *pmap_take(struct pmap *m);
void pmap_drop(struct pmap *m); /* NULL is a no-op */
DEFINE_CLEANUP(struct pmap, pmap_drop)

size_t pmap_len(const struct pmap *m);

/** pmap_get() - the value, borrowed as long as the map lives; NULL when there is none. */
void *pmap_get(const struct pmap *m, const void *key, size_t key_len);

/** pmap_put() - a map with @key set to @value, which gets a reference of its own; @m is unchanged. NULL: out
 * of memory. */
struct pmap *pmap_put(const struct pmap *m, const void *key, size_t key_len, void *value);

/** pmap_remove() - a map without @key (an equal map when it was not there); NULL: out of memory. */
struct pmap *pmap_remove(const struct pmap *m, const void *key, size_t key_len);

/** pmap_each() - call @fn for every pair until it returns non-zero, and return that; order is by hash. */
int pmap_each(const struct pmap *m, int (*fn)(void *ctx, const void *key, size_t key_len, void *value),
              void *ctx);
