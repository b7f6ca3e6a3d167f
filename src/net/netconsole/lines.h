/*
 * Lines of a console, put together from what its datagrams bring: a piece of one, or several. Pure, and
 * bounded: a line without an end is cut.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/netconsole/packet.h"

enum { NETCONSOLE_LINE_MAX = 255 }; /* octets */

/* One sender's. Zero-initialise. */
struct netconsole_lines {
        char line[NETCONSOLE_LINE_MAX + 1];
        size_t len;
};

/**
 * netconsole_lines_add() - one datagram more
 * @fn:         gets each line that is whole, terminated, without its end, with '?' for what is not printable;
 *              empty ones are left out
 */
void netconsole_lines_add(struct netconsole_lines *l, const struct netconsole_record *r,
                          void (*fn)(void *ctx, const char *line), void *ctx);

/** netconsole_lines_end() - no more will come for a while: what is there is a line. */
void netconsole_lines_end(struct netconsole_lines *l, void (*fn)(void *ctx, const char *line), void *ctx);
