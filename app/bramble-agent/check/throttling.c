/*
 * Whether a Raspberry Pi has slowed down since it was switched on, and why: too weak a supply, or too little
 * air. Other boards do not tell.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "app/bramble-agent/check/check.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"

enum verdict check_throttling(struct check_context *c) {
        const uint32_t low = PI_UNDER_VOLTAGE,
                       hot = PI_FREQUENCY_CAPPED | PI_THROTTLED | PI_SOFT_TEMPERATURE_LIMIT;
        uint32_t flags;
        char text[16];

        if (!pi_throttled(&job_world(c->job)->tree, &flags)) {
                output_printf(c->output, "this board does not tell whether it was slowed down\n");
                return VERDICT_SKIPPED;
        }
        uint32_t ever = flags | flags >> PI_SINCE_POWER_ON_SHIFT;
        (void)snprintf(text, sizeof(text), "0x%x", flags);
        json_put_text(c->results, "throttled", text);
        json_put_bool(c->results, "under_voltage_now", flags & low);
        json_put_bool(c->results, "under_voltage_since_power_on", ever & low);
        if (ever & low) {
                output_printf(c->output,
                              "the supply was too weak%s: below 4.63 V the board slows down and its disks "
                              "make errors; use "
                              "a better supply or a shorter, thicker cable\n",
                              flags & low ? ", and is now" : " at some time since power-on");
                return VERDICT_FAILED;
        }
        if (ever & hot) {
                output_printf(c->output, "the board was slowed down since power-on: it wants a fan, a heat "
                                         "sink, or more air\n");
                return VERDICT_DEGRADED;
        }
        output_printf(c->output, "the board was never slowed down since power-on\n");
        return VERDICT_PASSED;
}
