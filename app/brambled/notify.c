/* sd_notify(3). That nobody listens is no failure, so what it returns is of no interest. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "app/brambled/notify.h"

void notify_ready(const char *status) {
        (void)sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void notify_reloading(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=reading the configuration again",
                         (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void notify_stopping(void) {
        (void)sd_notify(0, "STOPPING=1\nSTATUS=ending");
}

uint64_t notify_watchdog_ms(void) {
        uint64_t limit_us = 0;

        if (sd_watchdog_enabled(0, &limit_us) <= 0)
                return 0;
        return limit_us / 1000 / 2; /* half of it, as sd_watchdog_enabled(3) advises */
}

void notify_alive(void) {
        (void)sd_notify(0, "WATCHDOG=1");
}
