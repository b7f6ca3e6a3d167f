/* Patterns for memory; see pattern.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/check/pattern.h"

static const char *const names[] = {
        [PATTERN_ADDRESS] = "addresses",
        [PATTERN_INVERSE] = "inverted addresses",
        [PATTERN_STRIPES] = "stripes",
        [PATTERN_NOISE] = "noise",
};

const char *pattern_name(enum pattern p) {
        return names[p];
}

/* SplitMix64 (Steele, Lea, Flood 2014): a number for a place without the numbers before it. */
static uint64_t noise(uint64_t at) {
        uint64_t z = at * 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
}

static uint64_t word_at(enum pattern p, uint64_t at) {
        switch (p) {
        case PATTERN_ADDRESS:
                return at;
        case PATTERN_INVERSE:
                return ~at;
        case PATTERN_STRIPES:
                return at % 2 ? 0xaaaaaaaaaaaaaaaau : 0x5555555555555555u;
        default:
                return noise(at);
        }
}

void pattern_fill(enum pattern p, volatile uint64_t *words, size_t n, uint64_t base) {
        for (size_t i = 0; i < n; i++)
                words[i] = word_at(p, base + i);
}

size_t pattern_find_fault(enum pattern p, const volatile uint64_t *words, size_t n, uint64_t base,
                          uint64_t *ret_bits) {
        for (size_t i = 0; i < n; i++) {
                uint64_t word = words[i], wanted = word_at(p, base + i);
                if (word != wanted) {
                        *ret_bits = word ^ wanted;
                        return i;
                }
        }
        return n;
}
