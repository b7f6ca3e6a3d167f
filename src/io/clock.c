/* Time from the kernel; see clock.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "io/clock.h"

static uint64_t nanoseconds(clockid_t clock) {
        struct timespec t;
        (void)clock_gettime(clock, &t); /* cannot fail for these clocks */
        return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t clock_now_ms(void) {
        return nanoseconds(CLOCK_MONOTONIC) / 1000000;
}

uint64_t clock_now_us(void) {
        return nanoseconds(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_unix_s(void) {
        return (int64_t)(nanoseconds(CLOCK_REALTIME) / 1000000000);
}

int64_t clock_unix_ms(void) {
        return (int64_t)(nanoseconds(CLOCK_REALTIME) / 1000000);
}
