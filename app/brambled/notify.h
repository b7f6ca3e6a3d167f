/* What the service manager hears of us (sd_notify(3)); without one every call does nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/** notify_ready() - serving, after start or reload; @status is one line for `systemctl status`. */
void notify_ready(const char *status);
void notify_reloading(void);
void notify_stopping(void);

/** notify_watchdog_ms() - how often notify_alive() must be called; 0: nobody watches. */
uint64_t notify_watchdog_ms(void);
void notify_alive(void);
