/*
 * Consoles of machines, as they come over the network: told in the trail of the boot that they are of, by the
 * MAC that they come from.
 *
 * A kernel can say more than a trail holds: of each boot only so many lines are kept, but always those that a
 * kernel ends with. Control thread only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/netconsole/lines.h"

struct rack;

enum { CONSOLES_MAX = 256 };

/* One machine that writes. */
struct console {
        struct mac mac; /* zero: the place is free */
        uint64_t boot;  /* whose lines are counted: a trail's session */
        unsigned n_lines, n_last_words;
        uint64_t heard_ms; /* monotonic */
        struct netconsole_lines lines;
};

struct consoles {
        struct console items[CONSOLES_MAX];
};

/** rack_hear_console() - a datagram came. */
void rack_hear_console(struct rack *r, unsigned ifindex, const struct netconsole_datagram *d,
                       uint64_t now_ms);

/** rack_end_lines() - once a second: what has no end by now is a line. */
void rack_end_lines(struct rack *r, uint64_t now_ms);
