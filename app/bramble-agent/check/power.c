/* The supply: whether a Raspberry Pi has seen too little of it. Other boards do not tell. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "app/bramble-agent/check/check.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"

enum verdict check_power(struct check_context *c) {
        uint32_t flags, low_now = PI_UNDER_VOLTAGE, low_before = low_now << PI_SINCE_POWER_ON_SHIFT;

        if (!pi_throttled(&job_world(c->job)->tree, &flags)) {
                output_printf(c->output, "this board does not tell whether its supply is good\n");
                return VERDICT_SKIPPED;
        }
        char text[16];
        (void)snprintf(text, sizeof(text), "0x%x", flags);
        json_put_text(c->results, "throttled", text);
        json_put_bool(c->results, "under_voltage_now", flags & low_now);
        json_put_bool(c->results, "under_voltage_since_power_on", flags & low_before);
        if (flags & (low_now | low_before)) {
                output_printf(c->output,
                              "the supply was too weak%s: below 4.63 V the board slows down and its disks "
                              "make errors; use "
                              "a better supply or a shorter, thicker cable\n",
                              flags & low_now ? ", and is now" : " at some time since power-on");
                return VERDICT_FAILED;
        }
        output_printf(c->output, "the supply was good since power-on\n");
        return VERDICT_PASSED;
}
