/*
 * Some threads that work on items one after another, and a queue of few items before them.
 *
 * Who gives items waits while the queue is full: that holds back what the items come from.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct crew;

struct crew_work {
        int (*work)(void *ctx, unsigned worker, void *item, struct error *reterr); /* takes the item over */
        void (*drop)(void *item); /* for those that nobody worked on */
        void *ctx;
};

/** crew_start() - @n_workers threads, and room for @n_waiting items. NULL: out of memory. */
struct crew *crew_start(unsigned n_workers, unsigned n_waiting, const struct crew_work *work);

/** crew_give() - takes @item over in any case; waits for room. Negative when a worker has failed. */
MUST_CHECK int crew_give(struct crew *c, void *item);

/** crew_finish() - wait until all is worked on, or one has failed: 0, or its error. Frees. */
MUST_CHECK int crew_finish(struct crew *c, struct error *reterr);

/** crew_free() - drop what waits, and end. NULL is a no-op. */
void crew_free(struct crew *c);
DEFINE_CLEANUP(struct crew, crew_free)

/** crew_size() - as many workers as there are processors, @most at the most. */
unsigned crew_size(unsigned most);
