/* Work: how far an agent is with what it was told to do, and how long that may stay as it is. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/life/report.h"
#include "core/machine/machine.h"

struct work {
        uint64_t task;     /* AGENT_TASK_ROOT: on the root of its system */
        int64_t told_s;    /* when it was told of last, Unix time; 0: never */
        int64_t changed_s; /* and when that was anything else than the time before */
        struct progress_report progress;
};

/** work_note() - it is told at @now_s that it is as far as @p. A heartbeat that says the same changes
 * nothing. */
void work_note(struct work *w, uint64_t task, const struct progress_report *p, int64_t now_s);

/** work_patience_s() - how long @w, work on @m, may stay as it is. */
uint32_t work_patience_s(const struct work *w, const struct machine *m);

enum { WORK_TEXT_SIZE = 300 };

/** work_text() - "write, 4096 of 65536, waiting for the server", into @buf, which is returned. */
const char *work_text(const struct work *w, char buf[static WORK_TEXT_SIZE]);
