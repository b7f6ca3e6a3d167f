/* Time from the kernel. Pure code is told the time; only the edges ask. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

uint64_t clock_now_ms(void); /* monotonic */
uint64_t clock_now_us(void); /* monotonic */
int64_t clock_unix_s(void);  /* wall clock */
int64_t clock_unix_ms(void);
