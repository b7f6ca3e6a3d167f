/* The filters of a config.txt, [pi4] and its kin: which stand at the moment, and whether they hold for a
 * board. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "format/config_txt.h"

/* Filters of one type replace each other, those of different types must all hold. */
enum config_filter_type {
        CONFIG_FILTER_MODEL, /* also board-type */
        CONFIG_FILTER_SERIAL,
        CONFIG_FILTER_GPIO,
        CONFIG_FILTER_EDID,
        CONFIG_FILTER_HDMI,
        CONFIG_FILTER_TRYBOOT,
        CONFIG_FILTER_EXPRESSION,
        CONFIG_FILTER_NONE,
        CONFIG_FILTER_OTHER, /* a name that this code does not know */
        CONFIG_FILTER_TYPES
};

/* One filter: what stood between the brackets, in the text it came from. len 0: none of this type stands. */
struct config_filter {
        const char *text;
        size_t len;
        enum config_txt_match match;
};

/* Zero-initialised: no filter, everything applies. */
struct config_filters {
        struct config_filter by_type[CONFIG_FILTER_TYPES];
};

/** config_filters_put() - what the line [TEXT] changes; [all] forgets every filter. */
void config_filters_put(struct config_filters *f, const char *text, size_t len,
                        const struct config_txt_board *board);

/** config_filters_match() - whether lines under these filters apply. */
enum config_txt_match config_filters_match(const struct config_filters *f);
