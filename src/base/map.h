/*
 * A hash table from octet keys to pointers, for state that one thread owns.
 *
 * Open addressing; the table stores a copy of each key (64 octets at most) and never owns the values.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/hash.h"

enum { MAP_KEY_MAX = 64 }; /* octets */

struct map;

struct map *map_new(struct hash_key key);
void map_free(struct map *m);
DEFINE_CLEANUP(struct map, map_free)

size_t map_len(const struct map *m);
void *map_get(const struct map *m, const void *key, size_t key_len);

/** map_put() - add or replace; @old (may be NULL) gets the value that stood there. Return: 0 or -ENOMEM. */
MUST_CHECK int map_put(struct map *m, const void *key, size_t key_len, void *value, void **old);

/** map_remove() - returns the value that stood there, or NULL. */
void *map_remove(struct map *m, const void *key, size_t key_len);

/** map_next() - walk all values: start with *@cursor = 0; NULL at the end. The map must not change on the
 * way. */
void *map_next(const struct map *m, size_t *cursor);
