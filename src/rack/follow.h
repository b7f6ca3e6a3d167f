/* Waiting for news: HTTP threads that follow the trail sleep here until the control thread has told it
 * something. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

struct follow;

struct follow *follow_new(void); /* NULL: out of memory */
void follow_free(struct follow *f);
DEFINE_CLEANUP(struct follow, follow_free)

/** follow_moved() - something was added; costs next to nothing while nobody waits. */
void follow_moved(struct follow *f);

/** follow_mark() - where the news stands now: take it before looking, so that nothing is missed between look
 * and wait. */
uint64_t follow_mark(struct follow *f);

/** follow_wait() - until something was added after @mark, or @wait_ms have passed, or follow_stop(). */
void follow_wait(struct follow *f, uint64_t mark, unsigned wait_ms);

/** follow_stop() - nobody waits from now on: the daemon ends. */
void follow_stop(struct follow *f);
