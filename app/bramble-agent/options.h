/* The agent's command line, for the few who start it by hand: as init it has none. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <getopt.h>
#include <stdbool.h>

#include "base/cleanup.h"

struct options {
        const char *root; /* the machine to speak for; "/" */
        const char *url;  /* NULL: the kernel's command line says */
        const char *ca;   /* NULL: none */
        bool is_init;
        bool wants_help, wants_version;
};

/** options_parse() - 0, or -EINVAL after it has said on stderr what is wrong. @pid: of this process. */
MUST_CHECK int options_parse(int argc, char **argv, int pid, struct options *ret);

void options_usage(void);

extern const struct option options_rows[]; /* ends at a row without a name */
