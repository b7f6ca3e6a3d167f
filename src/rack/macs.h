/*
 * What is known by a MAC: found by it, in the order in which it was heard of, and no more than a bound.
 *
 * Anybody can make up MACs, thousands a second. So there are two rows by age, and who makes room is the
 * oldest of the strangers: those of whom nothing is known but that they called. Only where there is none it
 * is the oldest of the others. It costs the same however many there are.
 *
 * Sessions and sightings are such tables. No I/O and no clock; owned by the control thread.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/list.h"

/* The first member of what a table holds. */
struct macs_item {
        struct list by_age; /* in its row, most recent last */
        struct mac mac;
        bool is_stranger; /* macs_keep() was not called for it */
};

struct macs {
        struct map *by_mac;
        struct list strangers, others;
        size_t max;
};

/** macs_init() - an empty table of at most @max items; 0 or -ENOMEM. */
MUST_CHECK int macs_init(struct macs *t, struct hash_key key, size_t max);

/** macs_destroy() - with all items; also of a table that is all zeros. */
void macs_destroy(struct macs *t);

void *macs_find(const struct macs *t, const struct mac *mac);
bool macs_is_full(const struct macs *t);

/**
 * macs_add() - an item for @mac, which has none: @size octets, zeros behind its macs_item; a stranger, the
 * most recent one
 *
 * Return: NULL when out of memory or when the table is full.
 */
void *macs_add(struct macs *t, const struct mac *mac, size_t size);
void macs_remove(struct macs *t, struct macs_item *item); /* and frees it */

/** macs_touch() - it was heard of: it is the most recent now. */
void macs_touch(struct macs *t, struct macs_item *item);

/** macs_keep() - it is no stranger any more: all strangers make room before it. */
void macs_keep(struct macs *t, struct macs_item *item);

/** macs_spare() - who makes room for another; NULL when there is none. */
void *macs_spare(const struct macs *t);
