/* How far a build is, on standard error: a line that changes on a terminal, a line a step elsewhere. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { PROGRESS_DETAIL_MAX = 80 };

struct progress {
        bool is_terminal;
        unsigned step, n_steps;
        const char *title;
        char detail[PROGRESS_DETAIL_MAX];
        int64_t begun_ms, shown_ms;
};

void progress_begin(struct progress *p, const char *title);

/** progress_line() - what the tool at work says, as struct child calls it; NULL: only time went by. */
void progress_line(void *ctx, const char *line);

/** progress_end() - the step is whole; @is_cached: it was before. */
void progress_end(struct progress *p, bool is_cached);

/** progress_drop() - it failed: leave the line, so that a sentence can stand on the next. */
void progress_drop(struct progress *p);
