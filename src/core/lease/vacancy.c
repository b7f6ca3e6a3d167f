/* Which addresses were never used; see vacancy.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/lease/vacancy.h"

enum { LEVELS = 4, WORD_BITS = 64 }; /* 64^4 = VACANCY_ADDRS_MAX */

struct vacancy {
        struct vacancy_range ranges[VACANCY_RANGES_MAX]; /* sorted, apart */
        uint32_t base[VACANCY_RANGES_MAX];               /* the position of a range's first address */
        size_t n_ranges;
        uint32_t n;              /* addresses in all */
        uint64_t *level[LEVELS]; /* [0]: a bit an address; above: a bit a word that is full */
};

static int by_first(const void *a, const void *b) {
        const struct vacancy_range *x = a, *y = b;
        return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorts the ranges, joins those that overlap, and counts the addresses. */
static void set_ranges(struct vacancy *v, const struct vacancy_range *ranges, size_t n) {
        struct vacancy_range sorted[VACANCY_RANGES_MAX];

        memcpy(sorted, ranges, n * sizeof(*ranges));
        qsort(sorted, n, sizeof(*sorted), by_first);
        for (size_t i = 0; i < n && v->n < VACANCY_ADDRS_MAX; i++) {
                struct vacancy_range r = sorted[i];
                if (v->n_ranges && v->ranges[v->n_ranges - 1].last >= r.first) {
                        if (v->ranges[v->n_ranges - 1].last >= r.last)
                                continue;
                        r.first = v->ranges[v->n_ranges - 1].last + 1;
                }
                if (r.last < r.first)
                        continue;
                if (r.last - r.first >= VACANCY_ADDRS_MAX - v->n)
                        r.last = r.first + (VACANCY_ADDRS_MAX - v->n) - 1;
                v->base[v->n_ranges] = v->n;
                v->ranges[v->n_ranges++] = r;
                v->n += r.last - r.first + 1;
        }
}

static size_t words_of(size_t bits) {
        return (bits + WORD_BITS - 1) / WORD_BITS;
}

/* Bits behind the end count as occupied, so that no search ends there. */
static void close_end(uint64_t *words, size_t bits) {
        if (bits % WORD_BITS)
                words[bits / WORD_BITS] |= UINT64_MAX << bits % WORD_BITS;
}

struct vacancy *vacancy_new(const struct vacancy_range *ranges, size_t n) {
        CLEANUP(vacancy_free_at) struct vacancy *v = calloc(1, sizeof(*v));
        if (!v)
                return NULL;
        set_ranges(v, ranges, n < VACANCY_RANGES_MAX ? n : VACANCY_RANGES_MAX);

        size_t bits = v->n;
        for (size_t i = 0; i < LEVELS; i++) {
                v->level[i] = calloc(words_of(bits) + 1, sizeof(uint64_t));
                if (!v->level[i])
                        return NULL;
                close_end(v->level[i], bits);
                bits = words_of(bits);
        }
        return TAKE(v);
}

void vacancy_free(struct vacancy *v) {
        if (!v)
                return;
        for (size_t i = 0; i < LEVELS; i++)
                free(v->level[i]);
        free(v);
}

/* The position of @addr among all, or of the first address behind it (v->n: none) with false. */
static bool position_of(const struct vacancy *v, uint32_t addr, uint32_t *ret) {
        size_t i = 0;
        while (i < v->n_ranges && v->ranges[i].last < addr)
                i++;
        if (i == v->n_ranges) {
                *ret = v->n;
                return false;
        }
        bool is_inside = addr >= v->ranges[i].first;
        *ret = v->base[i] + (is_inside ? addr - v->ranges[i].first : 0);
        return is_inside;
}

static uint32_t addr_at(const struct vacancy *v, uint32_t position) {
        size_t i = v->n_ranges - 1;
        while (v->base[i] > position)
                i--;
        return v->ranges[i].first + (position - v->base[i]);
}

bool vacancy_contains(const struct vacancy *v, uint32_t addr) {
        uint32_t position;
        return position_of(v, addr, &position);
}

static uint64_t bit(size_t position) {
        return UINT64_C(1) << position % WORD_BITS;
}

bool vacancy_is_occupied(const struct vacancy *v, uint32_t addr) {
        uint32_t position;
        return position_of(v, addr, &position) && (v->level[0][position / WORD_BITS] & bit(position));
}

void vacancy_occupy(struct vacancy *v, uint32_t addr) {
        uint32_t found;
        if (!position_of(v, addr, &found))
                return;
        size_t position = found;
        for (size_t i = 0; i < LEVELS; i++, position /= WORD_BITS) {
                uint64_t *word = &v->level[i][position / WORD_BITS];
                *word |= bit(position);
                if (*word != UINT64_MAX)
                        return;
        }
}

void vacancy_vacate(struct vacancy *v, uint32_t addr) {
        uint32_t found;
        if (!position_of(v, addr, &found))
                return;
        size_t position = found;
        for (size_t i = 0; i < LEVELS; i++, position /= WORD_BITS)
                v->level[i][position / WORD_BITS] &= ~bit(position);
}

/* The first clear bit at or behind @from on the lowest level, before v->n: climb while a word is full, then
 * go down. */
static bool first_clear(const struct vacancy *v, size_t from, uint32_t *ret) {
        size_t position = from, bits = v->n;

        for (size_t i = 0; i < LEVELS; i++) {
                if (position >= bits)
                        return false;
                uint64_t vacant = ~v->level[i][position / WORD_BITS] & UINT64_MAX << position % WORD_BITS;
                if (vacant) {
                        position = position / WORD_BITS * WORD_BITS + (size_t)__builtin_ctzll(vacant);
                        while (i-- > 0)
                                position = position * WORD_BITS +
                                           (size_t)__builtin_ctzll(~v->level[i][position]);
                        *ret = (uint32_t)position;
                        return true;
                }
                position = position / WORD_BITS + 1;
                bits = words_of(bits);
        }
        return false;
}

bool vacancy_next(const struct vacancy *v, uint32_t from, uint32_t *ret) {
        uint32_t start, position;

        (void)position_of(v, from, &start);
        if (!first_clear(v, start, &position) && !first_clear(v, 0, &position))
                return false;
        *ret = addr_at(v, position);
        return true;
}
