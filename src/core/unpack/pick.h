/*
 * Single files taken out of a tree, by patterns of their paths.
 *
 * They are written below the directory "files" under their own paths. A pattern is fnmatch(3)'s, in which a
 * star crosses slashes; after a "?" only the name counts: the file that is written is empty. A packed module
 * (.ko.xz and the like) is written unpacked, under its name without the ending.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/unpack/tree.h"

#define PICK_DIR "files"

/** pick() - @patterns: NULL-terminated; @max: octets of all that is written. */
MUST_CHECK int pick(const struct tree *t, const char *path, uint64_t offset, const char *const *patterns,
                    uint64_t max, struct progress *progress, struct error *reterr);
