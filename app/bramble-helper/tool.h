/*
 * Other people's programs, each started for one step: argv, no shell, no network, and no rights but those
 * that its step needs. The caller waits.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-helper/helper.h"
#include "app/bramble-helper/reporter.h"

struct tool {
        const char *const *argv; /* argv[0] is looked for where the system has its programs */
        const char *package;     /* that brings it */
        const char *dir;         /* its directory, and the only one that it may write in; relative to ours */
        const char *readable;    /* what else it reads; NULL: nothing */
        uint64_t capabilities;   /* bits 1 << CAP_...; 0: none */
        const struct helper *as_nbd;     /* not as root but as who serves disks; NULL: root */
        const struct reporter *reporter; /* is told how much it has read; NULL: nobody */
        uint64_t reads;                  /* octets, about: the whole of that */
};

/** tool_run() - 0, or -errno with a sentence: its last line when it failed. */
MUST_CHECK int tool_run(const struct tool *t, struct error *reterr);

/** tool_find() - the path of a program, the caller's; NULL: it is not installed. */
char *tool_find(const char *name);
