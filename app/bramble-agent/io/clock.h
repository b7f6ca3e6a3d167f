/* Time from the kernel, and the one place that sets it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

uint64_t clock_now_ms(void); /* monotonic */
int64_t
clock_unix_s(void); /* what the clock on the wall says; worth nothing before the server told the time */

/** clock_set() - set it; 0 or -errno. */
MUST_CHECK int clock_set(int64_t unix_s);
