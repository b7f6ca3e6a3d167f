/*
 * How often a client declined: one that refuses every address, by mistake or by intent, must not empty the
 * pool.
 *
 * Pure, and of a fixed size: of those that declined, the one whose count is oldest makes room.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum { DECLINERS_MAX = 64, DECLINES_MAX = 16 };

/* Zero-initialise. */
struct declines {
        struct decliner {
                struct mac mac;
                unsigned n; /* 0: the place is free */
                int64_t since_s;
        } items[DECLINERS_MAX];
};

/** declines_count() - @mac declines an address; false when it did so DECLINES_MAX times within @within_s: it
 * is not to be heeded. */
bool declines_count(struct declines *d, const struct mac *mac, int64_t now_s, uint32_t within_s);
