/*
 * Memory that is freed all at once: one arena for one request or one boot plan.
 *
 * An arena has a limit, so that a hostile request cannot hold more than the caller allows.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"

struct arena;

/** arena_new() - an empty arena that gives at most @limit octets in all; NULL when out of memory. */
struct arena *arena_new(size_t limit);
void arena_free(struct arena *a);
DEFINE_CLEANUP(struct arena, arena_free)

/** arena_reset() - forget everything given, keep the first chunk for reuse. */
void arena_reset(struct arena *a);

/** arena_alloc() - @size zeroed octets, aligned for any type; NULL beyond the limit or out of memory. */
void *arena_alloc(struct arena *a, size_t size);

char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *format, ...) PRINTF(2, 3);
