/*
 * ext2, ext3 and ext4 by libext2fs, read only: which blocks are in use, and the files.
 *
 * One that was not unmounted, or has features that the library does not know, is not looked into: its journal
 * may know better than its tables.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "core/unpack/tree.h"

struct ext4;

/** ext4_open() - the file system at @offset of a file; NULL with a sentence. */
struct ext4 *ext4_open(const char *path, uint64_t offset, struct error *reterr);
void ext4_close(struct ext4 *e); /* NULL is a no-op */
DEFINE_CLEANUP(struct ext4, ext4_close)

uint64_t ext4_size(const struct ext4 *e); /* octets */

/** ext4_has() - whether there is a file or directory of that path, links followed. */
bool ext4_has(const struct ext4 *e, const char *path);

/** ext4_each_used() - the octets that are in use, in their order; until @fn is non-zero. 0, what @fn
 * answered, or -EBADMSG with a sentence. */
MUST_CHECK int ext4_each_used(struct ext4 *e, int (*fn)(void *ctx, uint64_t offset, uint64_t len), void *ctx,
                              struct error *reterr);

/** ext4_each() - the tree, as struct tree wants it. */
int ext4_each(const char *path, uint64_t offset, tree_fn fn, void *ctx, struct progress *progress,
              struct error *reterr);
