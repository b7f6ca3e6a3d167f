/* What the doctor says, as JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/trail/doctor/doctor.h"
#include "core/trail/doctor/led.h"
#include "core/trail/doctor/site.h"

/** doctor_check_json() - a row of the site's checks; @words: what is wrong, NULL: nothing. */
json_t *doctor_check_json(const struct site_check *check, const char *words);

json_t *doctor_finding_json(const struct doctor_finding *f);

/** doctor_led_json() - @led NULL: nothing flashes so. */
json_t *doctor_led_json(unsigned long_flashes, unsigned short_flashes, const struct doctor_led *led);
