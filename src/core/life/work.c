/* Work; see work.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/life/work.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "core/life/job.h"

enum {
        STILL_S = 30 * 60,         /* a slow card settles, a large file system is made anew */
        ERASE_STILL_S = 24 * 3600, /* a disk that erases itself takes what its size takes, and says nothing */
        WAIT_STILL_S = 24 * 3600   /* what it waits for is here: its turn, or a server that comes back */
};

/* What has no number yet is told apart by its words: the next disk, the next volume. */
static bool is_same(const struct progress_report *a, const struct progress_report *b) {
        return strcmp(a->phase, b->phase) == 0 && a->done == b->done && a->total == b->total &&
               (a->done > 0 || strcmp(a->text, b->text) == 0);
}

void work_note(struct work *w, uint64_t task, const struct progress_report *p, int64_t now_s) {
        if (w->told_s == 0 || w->task != task || !is_same(&w->progress, p))
                w->changed_s = now_s;
        w->task = task;
        w->told_s = now_s;
        w->progress = *p;
}

/* A disk that is written with zeros tells how far it is. */
static uint32_t erase_s(const struct work *w, const struct machine *m) {
        (void)m;
        return w->progress.done == 0 ? ERASE_STILL_S : STILL_S;
}

/* Each has a limit of its own, after which its agent ends it; "done" is the number of those before it. */
static uint32_t script_s(const struct work *w, const struct machine *m) {
        CLEANUP(json_decref_at) json_t *task = m->task ? json_loads(m->task, 0, NULL) : NULL;
        const json_t *script = json_array_get(json_object_get(task, "scripts"), (size_t)w->progress.done);
        const json_int_t limit_s = json_integer_value(json_object_get(script, "timeout_s"));

        return STILL_S + (limit_s > 0 ? (uint32_t)limit_s : 0);
}

static uint32_t wait_s(const struct work *w, const struct machine *m) {
        (void)w;
        (void)m;
        return WAIT_STILL_S;
}

/* Phases of the agent that may stay as they are for longer than others. */
static const struct {
        const char *phase;
        uint32_t (*patience_s)(const struct work *w, const struct machine *m);
} slow[] = {
        { "erase", erase_s },
        { "script", script_s },
        { "wait", wait_s },
};

uint32_t work_patience_s(const struct work *w, const struct machine *m) {
        for (size_t i = 0; i < ARRAY_LEN(slow); i++) {
                if (strcmp(slow[i].phase, w->progress.phase) == 0)
                        return slow[i].patience_s(w, m);
        }
        return STILL_S;
}

const char *work_text(const struct work *w, char buf[static WORK_TEXT_SIZE]) {
        const struct progress_report *p = &w->progress;
        char number[64] = "";

        if (p->total)
                (void)snprintf(number, sizeof(number), ", %" PRIu64 " of %" PRIu64, p->done, p->total);
        (void)snprintf(buf, WORK_TEXT_SIZE, "%s%s%s%s", p->phase, number, p->text[0] ? ", " : "", p->text);
        return buf;
}
