/*
 * Root file systems as a walk over their entries, wherever they lie: in a tar archive, or in an ext4.
 *
 * Entries are libarchive's; their paths are relative, clean, and lead nowhere else.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"
#include "core/unpack/stream.h"

enum { TREE_ENTRIES_MAX = 4 * 1000 * 1000, TREE_PATH_OCTETS = 4096 };

struct archive_entry;
struct progress;

/* What is done with an entry. @content: the octets of a regular file, once; the stream is the walk's.
 * Non-zero ends the walk: -errno with a sentence, or TREE_ENOUGH. */
typedef int (*tree_fn)(void *ctx, struct archive_entry *e, struct stream *content, struct error *reterr);

enum { TREE_ENOUGH = 1 };

struct tree {
        const char *name; /* as the parent says it */
        int (*each)(const char *path, uint64_t offset, tree_fn fn, void *ctx, struct progress *progress,
                    struct error *reterr);
};

extern const struct tree trees[]; /* ends with a row without name */

const struct tree *tree_find(const char *name); /* NULL: there is none */

/** tree_clean_path() - a path without what is before it ("./", "/"), in place; NULL with a sentence for one
 * that climbs, and "" for the root itself. */
const char *tree_clean_path(const char *path, struct error *reterr);
