/*
 * The tools that build an image, as children of the command line: argv, no shell, and the caller's own
 * rights.
 *
 * They are Debian's programs at work on Debian's packages; what strangers sent is unpacked by the daemon,
 * confined (io/child.h).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

#include "app/bramble/build/argv.h"
#include "base/error.h"
#include "base/text.h"

struct child {
        const struct argv *argv;
        const char *dir;       /* its directory; NULL: ours */
        const char *input;     /* a file for its standard input; NULL: empty */
        const char *output;    /* a file that is its standard output, as it is; NULL: its messages */
        struct text *captured; /* in place of @output: what it writes there; NULL: no */
        const char *temporary; /* TMPDIR, a full path; NULL: as it is */
        const char *epoch;     /* SOURCE_DATE_EPOCH, in a world without time zones; NULL: as it is */
        FILE *log;             /* takes its messages; NULL: nobody does */
        void (*line)(void *ctx,
                     const char *line); /* each message as it comes; NULL now and then when none does */
        void *ctx;
};

/**
 * child_run() - start it, and wait for its end
 *
 * Programs are looked for in PATH and in sbin. It ends with us, whatever ends us.
 * Return: 0; -ENOENT when there is no such program; -ECHILD when it failed, with a sentence that ends with
 * what it said of it; or another -errno.
 */
MUST_CHECK int child_run(const struct child *c, struct error *reterr);

/**
 * child_as_root() - the words before a command that makes or reads files of many owners
 *
 * None for root. For others mmdebstrap's helper, which makes a user namespace with the subordinate users of
 * /etc/subuid: rootless, but it cannot pass the folders above the one it works in, so such commands name
 * nothing but what lies below ".".
 */
void child_as_root(struct argv *out);

/** child_has() - whether there is a program of this name. */
bool child_has(const char *program);
