/* Files of who called: read whole, and written whole or not at all. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct file_octets {
        uint8_t *octets; /* with a NUL behind them */
        size_t len;
};

/* Also the CLEANUP() function for a struct file_octets on the stack. */
void file_octets_end(struct file_octets *f);

/** file_read() - all of a file of at most @max octets; an exit code of cli.h, with its sentence said. */
MUST_CHECK int file_read(const char *path, size_t max, struct file_octets *ret);

/** file_write() - a file with these octets, in the place of one of that name; an exit code, as above. */
MUST_CHECK int file_write(const char *path, const void *octets, size_t len);
