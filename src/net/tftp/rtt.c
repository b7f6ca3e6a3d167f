/* The round trip, smoothed (RFC 6298 section 2). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tftp/rtt.h"

enum { GRANULARITY_US = 1000 }; /* of the timer wheel: RFC 6298's G */

static uint32_t bounded(const struct tftp_rtt *r, uint64_t us) {
        if (us < r->min_us)
                us = r->min_us;
        return us < r->max_us ? (uint32_t)us : r->max_us;
}

void tftp_rtt_start(struct tftp_rtt *r, uint32_t first_us, uint32_t min_us, uint32_t max_us) {
        *r = (struct tftp_rtt){ .min_us = min_us, .max_us = max_us };
        r->timeout_us = bounded(r, first_us);
}

void tftp_rtt_measured(struct tftp_rtt *r, uint64_t us) {
        uint32_t sample = us < UINT32_MAX / 8 ? (uint32_t)us : UINT32_MAX / 8;

        if (r->smoothed_us == 0) {
                r->smoothed_us = sample ? sample : 1;
                r->variation_us = sample / 2;
        } else {
                uint32_t off = sample > r->smoothed_us ? sample - r->smoothed_us : r->smoothed_us - sample;
                r->variation_us = (3 * r->variation_us + off) / 4;
                r->smoothed_us = (7 * r->smoothed_us + sample) / 8;
        }
        uint64_t slack = 4 * (uint64_t)r->variation_us;
        r->timeout_us = bounded(r, r->smoothed_us + (slack > GRANULARITY_US ? slack : GRANULARITY_US));
}

void tftp_rtt_back_off(struct tftp_rtt *r) {
        r->timeout_us = bounded(r, 2 * (uint64_t)r->timeout_us);
}
