/* Another program at one end of a pipe: it takes what we write, or gives what we read. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/error.h"

struct filter {
        const char *name; /* of the program */
        pid_t pid;
        int fd; /* our end */
};

/** filter_start() - @is_reader: it reads what is written to f->fd; else it writes what is read from there.
 * @package: that brings it. 0, or -errno with a sentence. */
MUST_CHECK int filter_start(struct filter *f, const char *const *argv, bool is_reader, const char *package,
                            struct error *reterr);

/**
 * filter_end() - close the pipe and wait
 * @r:          what became of the work so far; negative: it is killed, as half of it must not look whole
 *
 * Return: @r, or -EIO with a sentence when the program says that it failed.
 */
MUST_CHECK int filter_end(struct filter *f, int r, struct error *reterr);
