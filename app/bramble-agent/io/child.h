/* A program that runs for a while: its output is handed over as it comes, and it ends when it must. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

enum child_stream { CHILD_STDOUT, CHILD_STDERR };

struct child_options {
        const char *const *argv; /* argv[0] is a path */
        const char *const *env;  /* all of it */
        const char *dir;         /* where it runs */
        unsigned timeout_s;      /* 0: none */
        void (*take)(void *ctx, enum child_stream stream, const void *data, size_t len);
        bool (*may_go_on)(void *ctx); /* asked several times a second */
        void *ctx;                    /* of both */
};

enum child_end { CHILD_EXITED, CHILD_KILLED, CHILD_TIMED_OUT, CHILD_STOPPED };

struct child_result {
        enum child_end end;
        int status; /* exit status, or the signal that killed it */
        double seconds;
};

/** child_run() - wait for its end; it and all that it started end together. 0, or -errno when it did not
 * start. */
MUST_CHECK int child_run(const struct child_options *options, struct child_result *ret);
