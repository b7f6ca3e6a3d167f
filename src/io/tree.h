/* Directory trees: removing one, and walking one that a stranger's data was unpacked to. Links are never
 * followed. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"

enum { TREE_DEPTH_MAX = 32, TREE_PATH_MAX = 1024 };

/** tree_remove() - remove @name (file or directory with all below) under the directory @at; one that is not
 * there is no error. 0 or -errno. */
MUST_CHECK int tree_remove(int at, const char *name);

/**
 * tree_each() - every regular file below a directory, in the order of their names
 * @at, @name:  the directory
 * @fn:         called with a descriptor to read (closed after the call) and the path below @name; until
 * non-zero
 *
 * Names that begin with a dot are passed over, and so is all that is neither file nor directory.
 *
 * Return: 0, what @fn returned, -ELOOP beyond TREE_DEPTH_MAX, -ENAMETOOLONG, or another -errno.
 */
MUST_CHECK int tree_each(int at, const char *name, int (*fn)(void *ctx, int fd, const char *path), void *ctx);
