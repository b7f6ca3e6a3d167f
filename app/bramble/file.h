/* Files of who called: read whole, and written whole or not at all. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

struct file_octets {
        uint8_t *octets; /* with a NUL behind them */
        size_t len;
};

/* Also the CLEANUP() function for a struct file_octets on the stack. */
void file_octets_end(struct file_octets *f);

/** file_read() - all of a file of at most @max octets; an exit code of cli.h, with its sentence said. */
MUST_CHECK int file_read(const char *path, size_t max, struct file_octets *ret);

/**
 * file_write() - a file with these octets, in the place of one of that name; an exit code, as above
 *
 * A device or a pipe of that name is written to.
 */
MUST_CHECK int file_write(const char *path, const void *octets, size_t len);

/* A file under way. It has another name beside the one that it gets, so that it is there whole or not at all.
 */
struct file_new {
        char *target, *fresh; /* how it is called in the end, and until then */
        int fd;               /* to write */
};

/** file_new_begin() - an exit code, as above; see file_target() for what is refused. */
MUST_CHECK int file_new_begin(const char *path, struct file_new *ret);

/** file_new_settle() - it is whole: it takes the place of what has its name; an exit code, as above. */
MUST_CHECK int file_new_settle(struct file_new *f);

/* Also the CLEANUP() function: what was not settled is gone. */
void file_new_end(struct file_new *f);

/**
 * file_target() - where a file that shall be called @path comes to lie
 * @ret:        the caller's; of a link what it leads to, so that the link stays one
 *
 * Return: 0; -EISDIR for a folder; -ENOTSUP for a device or the like, in whose place no file may come; or
 * another -errno; with a sentence.
 */
MUST_CHECK int file_target(const char *path, char **ret, struct error *reterr);
