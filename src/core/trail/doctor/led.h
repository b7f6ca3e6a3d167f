/*
 * What a Raspberry Pi says with its LED when it does not boot: long flashes, then short ones. Pure; source:
 * raspberry-pi.md section 11.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

struct doctor_led {
        unsigned long_flashes, short_flashes;
        const char *meaning; /* "the kernel is not found" */
        const char *advice;  /* a sentence */
};

extern const struct doctor_led doctor_leds[];
extern const size_t doctor_n_leds;

/** doctor_led_find() - NULL: no firmware flashes so. */
const struct doctor_led *doctor_led_find(unsigned long_flashes, unsigned short_flashes);
