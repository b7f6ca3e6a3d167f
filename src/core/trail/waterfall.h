/*
 * One boot drawn as text: when each step began, how long it took, what came of it. Pure.
 *
 * The API gives it to `bramble boot trail` as text/plain; the width is the terminal's.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "core/trail/trail.h"

enum { WATERFALL_WIDTH_MIN = 60, WATERFALL_WIDTH_DEFAULT = 100, WATERFALL_WIDTH_MAX = 240 };

struct waterfall_style {
        unsigned width; /* columns; brought into the bounds above, 0: the default */
        bool is_ascii;  /* no box parts and no other octets above 126 */
};

/** waterfall_draw() - a whole session, several lines; the caller frees it. NULL: out of memory. */
char *waterfall_draw(const struct trail_session *s, const struct waterfall_style *style);

/** waterfall_line() - one event as one line with its time of day and its machine, for those who watch; the
 * caller frees it. */
char *waterfall_line(const struct trail_session *s, const struct trail_event *e,
                     const struct waterfall_style *style);
