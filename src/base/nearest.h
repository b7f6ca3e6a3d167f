/*
 * The word that somebody probably meant: of many candidates, the one with the fewest typing slips.
 *
 * A slip is a letter too many, too few, another one, or two that changed places. Pure, no allocation.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum { NEAREST_WORD_MAX = 63 }; /* octets; longer words are never near anything */

struct nearest {
        const char *word; /* as it was typed; borrowed */
        const char *best; /* borrowed from the caller's candidates; NULL: none was near */
        unsigned slips;   /* of @best */
};

/** nearest_to() - begin to look for what @word may have meant. */
struct nearest nearest_to(const char *word);

/** nearest_offer() - one candidate; the first of several equally near ones is kept. */
void nearest_offer(struct nearest *n, const char *candidate);

/** nearest_slips() - how many slips make @b of @a; a large number when one of them is too long. */
unsigned nearest_slips(const char *a, const char *b);
