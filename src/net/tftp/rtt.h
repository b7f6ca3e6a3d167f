/*
 * How long to wait for an answer: the measured round trip, smoothed (RFC 6298), between two bounds.
 *
 * Differs from RFC 6298 in its bounds only: a boot network is one switch wide, so waiting a whole second for
 * each lost packet is what makes TFTP slow there; and each firmware has its own patience, so the caller sets
 * them.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

struct tftp_rtt {
        uint32_t smoothed_us, variation_us; /* 0, 0: nothing measured yet */
        uint32_t timeout_us;                /* wait this long */
        uint32_t min_us, max_us;            /* bounds of timeout_us */
};

/** tftp_rtt_start() - nothing measured: wait @first_us, brought into the bounds. */
void tftp_rtt_start(struct tftp_rtt *r, uint32_t first_us, uint32_t min_us, uint32_t max_us);

/** tftp_rtt_measured() - an answer to something that was sent once came after @us. */
void tftp_rtt_measured(struct tftp_rtt *r, uint64_t us);

/** tftp_rtt_back_off() - no answer came: wait twice as long from now on, until the next measure. */
void tftp_rtt_back_off(struct tftp_rtt *r);
