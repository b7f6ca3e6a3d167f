/* The hour as leases count it; see clock.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/lease/clock.h"

enum { STEP_MS = 10000 }; /* no client notices less of a lease */

int64_t lease_clock_follow(struct lease_clock *c, int64_t unix_ms, uint64_t now_ms) {
        int64_t off_ms = unix_ms - (int64_t)now_ms - c->ahead_ms;

        if (off_ms > -STEP_MS && off_ms < STEP_MS)
                return 0;
        int64_t by_s = off_ms / 1000;
        c->ahead_ms += by_s * 1000;
        return by_s;
}
