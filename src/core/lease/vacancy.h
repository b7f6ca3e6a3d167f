/*
 * Which addresses of some ranges were never used: the next one is found in O(log n), however large the pool
 * is.
 *
 * A tree of bit words over the addresses in a row: a set bit says "occupied", a set bit above says "this word
 * is full".
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
        VACANCY_RANGES_MAX = 32,
        VACANCY_ADDRS_MAX = 1 << 24 /* of a larger pool the rest stays unused: a /8 takes 2 MiB of bits */
};

struct vacancy_range {
        uint32_t first, last; /* both included */
};

struct vacancy;

/** vacancy_new() - all addresses of @n ranges, vacant; ranges may touch or overlap. NULL: out of memory. */
struct vacancy *vacancy_new(const struct vacancy_range *ranges, size_t n);
void vacancy_free(struct vacancy *v);
DEFINE_CLEANUP(struct vacancy, vacancy_free)

bool vacancy_contains(const struct vacancy *v, uint32_t addr);
bool vacancy_is_occupied(const struct vacancy *v, uint32_t addr);

/* An address outside the ranges is a no-op. */
void vacancy_occupy(struct vacancy *v, uint32_t addr);
void vacancy_vacate(struct vacancy *v, uint32_t addr);

/** vacancy_next() - the first vacant address at or behind @from, going round; false when all are occupied. */
bool vacancy_next(const struct vacancy *v, uint32_t from, uint32_t *ret);
