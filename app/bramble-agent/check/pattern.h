/*
 * Patterns that memory is filled with and compared to. Pure; the words are read and written as if by a
 * device, so that no compiler finds out what must come out.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum pattern {
        PATTERN_ADDRESS, /* each word its own place: lines that are joined or broken */
        PATTERN_INVERSE, /* the inverse of that */
        PATTERN_STRIPES, /* 0x55…, 0xaa… in turn: neighbours that disturb each other */
        PATTERN_NOISE,   /* pseudo-random */
        PATTERNS
};

void pattern_fill(enum pattern p, volatile uint64_t *words, size_t n, uint64_t base);

/** pattern_find_fault() - the first word that is another one; @n: none. @ret_bits: those that differ. */
size_t pattern_find_fault(enum pattern p, const volatile uint64_t *words, size_t n, uint64_t base,
                          uint64_t *ret_bits);

const char *pattern_name(enum pattern p);
