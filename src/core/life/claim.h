/*
 * Claim codes: by its code a machine is taken up that waits for approval (docs/decisions/claim-codes.md).
 *
 * Twelve digits of 32 as Crockford's base 32 has them, "K7QM-2XRD-9TFA": 60 bits, which nobody guesses and
 * people can read to each other. Only their hash is kept. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/bootfile.h"
#include "base/cleanup.h"

enum {
        CLAIM_DIGITS = 12,
        CLAIM_DAYS = 30, /* that a code counts, where nobody says otherwise */
        CLAIM_DAYS_MAX = 3650
};

/** claim_hash() - of a code as people write it: in either case, with or without hyphens and blanks, O for 0,
 * I and L for 1. 0, or -EINVAL. */
MUST_CHECK int claim_hash(const char *code, uint8_t ret[static SHA256_SIZE]);
