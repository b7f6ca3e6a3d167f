/* A task as the server gave it: checked as far as all kinds are alike. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { TASK_KIND_SIZE = 16 };

struct task {
        uint64_t id; /* never 0; the root of the machine's own system is no task, and has 0 */
        char kind[TASK_KIND_SIZE];
        json_t *body; /* all of it; each kind reads its own */
};

/** task_parse() - 0, or -EBADMSG with a sentence. @ret is set on success only; free with task_clear(). */
MUST_CHECK int task_parse(const char *text, size_t len, struct task *ret, struct error *reterr);
void task_clear(struct task *t); /* also for CLEANUP() on the stack */
