/* Server-sent events (HTML Living Standard, 9.2.6), taken apart as they come in pieces. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/text.h"

enum { SSE_EVENT_MAX = 64 * 1024 }; /* octets of one event; a longer one is skipped */

struct sse {
        struct text line, data;
        uint64_t id; /* of the last event */
        bool is_skipping;
};

void sse_free(struct sse *s); /* also for CLEANUP() on the stack */

/** sse_feed() - more octets; @fn gets each event's data when it is whole, until it returns non-zero, which is
 * returned. */
int sse_feed(struct sse *s, const char *octets, size_t len,
             int (*fn)(void *ctx, uint64_t id, const char *data), void *ctx);
