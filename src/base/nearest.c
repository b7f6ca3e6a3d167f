/* The nearest word, by the restricted Damerau-Levenshtein distance. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/nearest.h"

enum { SLIPS_FAR = 1000 };

static unsigned min3(unsigned a, unsigned b, unsigned c) {
        unsigned least = a < b ? a : b;
        return least < c ? least : c;
}

unsigned nearest_slips(const char *a, const char *b) {
        const size_t len_a = strlen(a), len_b = strlen(b);
        unsigned rows[3][NEAREST_WORD_MAX + 1]; /* the row in work and the two before it */

        if (len_a > NEAREST_WORD_MAX || len_b > NEAREST_WORD_MAX)
                return SLIPS_FAR;
        for (size_t j = 0; j <= len_b; j++)
                rows[0][j] = (unsigned)j;
        for (size_t i = 1; i <= len_a; i++) {
                unsigned *row = rows[i % 3];
                const unsigned *above = rows[(i - 1) % 3], *two_above = rows[(i + 1) % 3];

                row[0] = (unsigned)i;
                for (size_t j = 1; j <= len_b; j++) {
                        const unsigned other = a[i - 1] != b[j - 1];
                        row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + other);
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                            two_above[j - 2] + 1 < row[j])
                                row[j] = two_above[j - 2] + 1;
                }
        }
        return rows[len_a % 3][len_b];
}

struct nearest nearest_to(const char *word) {
        /* One slip in three letters can be told from another word; in very short words one slip, no more. */
        const size_t len = strlen(word);
        return (struct nearest){ .word = word, .slips = len < 3 ? 2 : (unsigned)(len / 3) + 1 };
}

void nearest_offer(struct nearest *n, const char *candidate) {
        const unsigned slips = nearest_slips(n->word, candidate);

        if (slips < n->slips) {
                n->slips = slips;
                n->best = candidate;
        }
}
