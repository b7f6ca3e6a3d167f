/*
 * A child that does one thing and ends, mostly to a stranger's data: argv, no shell, no network unless it is
 * given, bounded in all it takes.
 *
 * The caller waits: this is for threads that may (imports run on HTTP threads), never for the control thread.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { CHILD_OUTPUT_MAX = 4096, CHILD_READABLE_MAX = 8 };

struct child_options {
        const char *const *argv; /* argv[0] is looked for where the system has its programs, or is a path */
        const char *const *env;  /* the whole environment; NULL: empty */
        const void *input;       /* its standard input, where secrets go; in memory and nowhere else */
        size_t input_len;        /* 0: it is empty */
        bool has_network;        /* it may open sockets, in our network */
        bool sees_files; /* all that its user may: for an operator's own program. Else only what is named here
                          */
        const char
                *work_dir; /* its directory, and the only place where it may write; NULL: "/", and nowhere */
        const char
                *readable[CHILD_READABLE_MAX]; /* what it may read besides /usr, /lib, /etc and @work_dir */
        unsigned cpu_s;                        /* processor time; 0: no limit */
        uint64_t file_octets;                  /* of one file that it writes; 0: no limit */
        uint64_t memory_octets;                /* address space; 0: no limit */
        unsigned timeout_ms;                   /* from start to end; 0: no limit */
        bool (*may_go_on)(void *ctx);          /* asked ten times a second; false ends it. NULL: always */
        void *ctx;
};

enum child_end {
        CHILD_EXITED, /* with exit_status */
        CHILD_KILLED, /* by a signal: its own fault, or a limit of the kernel's */
        CHILD_TIMEOUT,
        CHILD_STOPPED /* may_go_on() said no */
};

struct child_result {
        enum child_end end;
        int exit_status;               /* CHILD_EXITED */
        int signal;                    /* CHILD_KILLED */
        char output[CHILD_OUTPUT_MAX]; /* what it wrote to stdout and stderr, cut; NUL-terminated */
};

/**
 * child_run() - start a child and wait for its end
 *
 * It gets no descriptor but 0, 1 and 2 and no capabilities. Unless @options give them it has no sockets, and
 * where the kernel can do it a network namespace of its own and a file system of which it sees only what
 * @options name. Its whole process group ends with it.
 *
 * Return: 0, -ENOENT when there is no such program, or another -errno when it could not be started.
 */
MUST_CHECK int child_run(const struct child_options *options, struct child_result *ret);
