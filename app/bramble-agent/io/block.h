/*
 * A disk that is read and written: a block device, or a file that plays one.
 *
 * Past the page cache where the disk takes that, so that what was written is written, and a board with little
 * memory keeps it. Offsets and lengths are multiples of the sector size; buffers come from block_buffer().
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { BLOCK_ALIGN = 4096 };

struct block;

/** block_open() - @path: of the device; @name: for sentences. */
MUST_CHECK int block_open(const char *path, const char *name, bool may_write, struct block **ret,
                          struct error *reterr);
void block_close(struct block *b);
DEFINE_CLEANUP(struct block, block_close)

uint64_t block_size(const struct block *b); /* octets */

/** block_buffer() - memory that may be read into and written from; free() it. NULL: out of memory. */
void *block_buffer(size_t size);

/** block_read(), block_write() - all of it, or negative with a sentence. Any thread may call them. */
MUST_CHECK int block_read(struct block *b, uint64_t offset, void *buf, size_t len, struct error *reterr);
MUST_CHECK int block_write(struct block *b, uint64_t offset, const void *buf, size_t len,
                           struct error *reterr);

/** block_zero() - make it read as zeros, the fastest way that the disk has. */
MUST_CHECK int block_zero(struct block *b, uint64_t offset, uint64_t len, struct error *reterr);

/** block_discard() - what stands there is of no use any more: 0, or -errno when the disk cannot. What it
 * reads as afterwards, nobody knows. @is_secure: and must not be found again. */
MUST_CHECK int block_discard(struct block *b, uint64_t offset, uint64_t len, bool is_secure);

/** block_sync() - nothing is under way any more. */
MUST_CHECK int block_sync(struct block *b, struct error *reterr);

/** block_reread() - the kernel shall look at the partition table anew; 0 or -errno. A file needs it not. */
MUST_CHECK int block_reread(struct block *b);

bool block_is_device(const struct block *b);
int block_fd(const struct block *b);
