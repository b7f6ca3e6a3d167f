/*
 * Archives that a build makes: a few texts as a tar, and folders as a cpio that the kernel unpacks.
 *
 * Everything in them is root's and of the same old time: the same content gives the same octets. Written by
 * libarchive.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

struct archive;

enum pack_form {
        PACK_TAR,
        PACK_CPIO_ZSTD /* newc, as Debian's kernels read it */
};

struct pack {
        struct archive *archive;
        const char *path;
};

/** pack_begin() - @path is borrowed. */
MUST_CHECK int pack_begin(const char *path, enum pack_form form, struct pack *ret, struct error *reterr);
void pack_drop(struct pack *a); /* also for CLEANUP() on the stack; no-op after pack_end() */
MUST_CHECK int pack_end(struct pack *a, struct error *reterr);

MUST_CHECK int pack_dir(struct pack *a, const char *name, struct error *reterr);
MUST_CHECK int pack_text(struct pack *a, const char *name, const char *text, struct error *reterr);
MUST_CHECK int pack_file(struct pack *a, const char *name, const char *source, struct error *reterr);

/** pack_tree() - all directories and regular files below @dir, in the order of their names, as "NAME/…". */
MUST_CHECK int pack_tree(struct pack *a, const char *name, const char *dir, struct error *reterr);
