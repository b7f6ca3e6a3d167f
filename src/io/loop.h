/*
 * The control thread's event loop: descriptors, timers, signals, and work that other threads hand in (libuv
 * inside).
 *
 * Everything is called on the thread that runs loop_run(), but for loop_post().
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct loop;
struct loop_io;
struct loop_timer;

struct loop *loop_new(void); /* NULL with errno */
void loop_free(struct loop *l);
DEFINE_CLEANUP(struct loop, loop_free)

int loop_run(struct loop *l); /* until loop_stop(); 0 or -errno */
void loop_stop(struct loop *l);

/** loop_watch() - call @fn whenever @fd is readable. The descriptor stays the caller's. NULL with errno. */
struct loop_io *loop_watch(struct loop *l, int fd, void (*fn)(void *ctx), void *ctx);
void loop_unwatch(struct loop_io *io); /* NULL is a no-op; safe inside its own call */

/** loop_timer_new() - a timer that is not running. loop_timer_set() (re)starts it; @repeat_ms 0: once. */
struct loop_timer *loop_timer_new(struct loop *l, void (*fn)(void *ctx), void *ctx);
void loop_timer_set(struct loop_timer *t, uint64_t in_ms, uint64_t repeat_ms);
void loop_timer_stop(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* NULL is a no-op */

/** loop_on_signal() - call @fn when the process gets @signo. 0 or -errno. */
MUST_CHECK int loop_on_signal(struct loop *l, int signo, void (*fn)(void *ctx, int signo), void *ctx);

/** loop_post() - from any thread: run @fn on the loop's thread soon, in the order of posting. Descriptors and
 * timers have their turn between, however much is posted. false when the loop has stopped or too much waits.
 */
bool loop_post(struct loop *l, void (*fn)(void *ctx), void *ctx);

/** loop_call() - from another thread: run @fn on the loop's thread and wait until it has returned. false when
 * the loop has stopped. */
bool loop_call(struct loop *l, void (*fn)(void *ctx), void *ctx);
