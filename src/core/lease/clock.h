/*
 * The hour as leases count it: the wall clock's, but it never jumps in the middle of a run.
 *
 * Pure: both clocks are passed in. Between two looks the monotonic clock says how much time went by; when the
 * wall clock was set meanwhile, lease_clock_follow() says by how much, so that all leases can be moved with
 * it (lease_shift()).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

struct lease_clock {
        int64_t ahead_ms; /* of the monotonic clock */
};

static inline struct lease_clock lease_clock_new(int64_t unix_ms, uint64_t now_ms) {
        return (struct lease_clock){ .ahead_ms = unix_ms - (int64_t)now_ms };
}

/** lease_clock_s() - Unix time, for everything that core/lease asks. */
static inline int64_t lease_clock_s(const struct lease_clock *c, uint64_t now_ms) {
        return ((int64_t)now_ms + c->ahead_ms) / 1000;
}

/**
 * lease_clock_follow() - look whether the wall clock was set
 *
 * Return: the seconds by which leases must be moved; 0 as long as the two differ by no more than what a clock
 * that is only slewed may.
 */
int64_t lease_clock_follow(struct lease_clock *c, int64_t unix_ms, uint64_t now_ms);
