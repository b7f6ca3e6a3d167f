/* What the doctor says, as JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/trail/doctor/doctor.h"
#include "core/trail/doctor/led.h"

json_t *doctor_finding_json(const struct doctor_finding *f);

/** doctor_led_json() - @led NULL: nothing flashes so. */
json_t *doctor_led_json(unsigned long_flashes, unsigned short_flashes, const struct doctor_led *led);
