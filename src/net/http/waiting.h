/*
 * Requests that wait for something to happen: which ones a wake-up is meant for, and whose time is over.
 *
 * Pure: a table without threads or connections. Whoever waits brings its own entry.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/list.h"

/* One that waits: a member of what it stands for. Zero: it waits for nothing. */
struct http_wait {
        struct list by_age, same_key;
        struct http_key *key; /* what it waits for; NULL: nothing */
        uint64_t until_ms;
};

struct http_waiting;

struct http_waiting *http_waiting_new(void); /* NULL: out of memory */
void http_waiting_free(struct http_waiting *t);
DEFINE_CLEANUP(struct http_waiting, http_waiting_free)

size_t http_waiting_len(const struct http_waiting *t);

/** http_waiting_add() - @w waits for @key until @until_ms; 0 or -ENOMEM. */
MUST_CHECK int http_waiting_add(struct http_waiting *t, struct http_wait *w, uint64_t key, uint64_t until_ms);

/** http_waiting_remove() - it waits no more; a no-op when it does not wait. */
void http_waiting_remove(struct http_waiting *t, struct http_wait *w);

/** http_waiting_wake() - takes out all that wait for @key and hands each to @fn. */
void http_waiting_wake(struct http_waiting *t, uint64_t key, void (*fn)(void *ctx, struct http_wait *w),
                       void *ctx);

/** http_waiting_expire() - likewise all whose time is over at @now_ms; UINT64_MAX: all there are. Looks at
 * everybody: for once a second. */
void http_waiting_expire(struct http_waiting *t, uint64_t now_ms, void (*fn)(void *ctx, struct http_wait *w),
                         void *ctx);
