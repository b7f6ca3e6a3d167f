/* The daemon's command line: one table of options, which --help prints and brambled(8) is checked against. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/error.h"

struct options {
        const char *config;     /* NULL: the default place, which may be empty */
        const char *state_dir;  /* NULL: as the configuration says */
        const char *user;       /* to become when started as root */
        const char *probe_dhcp; /* interface to ask on; NULL: serve */
        const char *debug;      /* parts as log_set_debug() takes them; NULL: none */
        bool check_config, version, help;
};

struct option_row {
        const char *name; /* without the dashes */
        const char *arg;  /* what it takes, for people; NULL: nothing */
        size_t offset;    /* in struct options: of a const char * when it takes something, else of a bool */
        const char *help;
};

extern const struct option_row option_rows[]; /* ends with a NULL name */

/** options_parse() - read argv; texts are borrowed from it. Return: 0, or -EINVAL with a sentence. */
MUST_CHECK int options_parse(int argc, char *const argv[], struct options *ret, struct error *reterr);

void options_help(FILE *out);
