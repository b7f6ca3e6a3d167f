/*
 * Timers for thousands of transfers: a wheel of one-millisecond slots. Setting, moving and removing cost the
 * same, however many there are. Told the time; reads no clock.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/list.h"

enum { TFTP_WHEEL_SLOTS = 512, TFTP_WHEEL_TICK_US = 1000 };

struct tftp_wheel {
        uint64_t tick; /* all slots before this one were emptied */
        unsigned n;    /* timers set */
        struct list slots[TFTP_WHEEL_SLOTS];
};

struct tftp_timer {
        struct list link; /* zeroed: not set */
        uint64_t due_us;  /* the slot it lies in: never later than it was asked for, or at most half a second
                             away */
};

void tftp_wheel_init(struct tftp_wheel *w, uint64_t now_us);

/**
 * tftp_wheel_wake_by() - have the timer expire by @wake_us
 *
 * Expires early when it was set for earlier, or when @wake_us lies beyond the wheel: who takes an expired
 * timer looks at its own wake time and sets it again. So the many timers that are put off by every packet are
 * not moved.
 */
void tftp_wheel_wake_by(struct tftp_wheel *w, struct tftp_timer *t, uint64_t wake_us);

void tftp_wheel_remove(struct tftp_wheel *w, struct tftp_timer *t); /* safe when it is not set */

/** tftp_wheel_expired() - take one timer whose time has come; NULL when there is none (left) at @now_us. */
struct tftp_timer *tftp_wheel_expired(struct tftp_wheel *w, uint64_t now_us);

/** tftp_wheel_sleep_ms() - how long nothing can expire; -1 when no timer is set. */
int tftp_wheel_sleep_ms(const struct tftp_wheel *w, uint64_t now_us);
