/* Descriptors of files: closed when there is one, and written whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

void fd_close(int fd); /* a negative one is a no-op */

/** fd_write() - all of @data at @offset; 0 or -errno, and then some of it may be written. */
MUST_CHECK int fd_write(int fd, const void *data, size_t len, uint64_t offset);

static inline void fd_close_at(int *fd) {
        fd_close(*fd);
}
