/* Time from the kernel; see clock.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <time.h>

#include "app/bramble-agent/io/clock.h"

uint64_t clock_now_ms(void) {
        struct timespec t;
        (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for these clocks */
        return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int64_t clock_unix_s(void) {
        struct timespec t;
        (void)clock_gettime(CLOCK_REALTIME, &t);
        return t.tv_sec;
}

int clock_set(int64_t unix_s) {
        return clock_settime(CLOCK_REALTIME, &(struct timespec){ .tv_sec = (time_t)unix_s }) < 0 ? -errno : 0;
}
