/* What of an image's root is changed where that comes over the network: the rows of format/ties.c that it
 * has.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct tie_root; /* format/ties.h */

enum { IMAGE_TIE_PATTERNS_MAX = 128 };

/**
 * image_tie_patterns() - which files a root must be asked for so that its ties can be seen
 * @ret:        filled with patterns for unpack_pick(), each the caller's
 *
 * Return: how many, or -ENOMEM, and then none.
 */
MUST_CHECK int image_tie_patterns(char *ret[static IMAGE_TIE_PATTERNS_MAX]);

/** image_ties_look() - names of the ties that a root has, with a space between, the caller's; NULL: none, or
 * out of memory. */
char *image_ties_look(const struct tie_root *root);

/** image_tie_about() - what is changed and why, for people; false: a newer Bramble knows of it. */
bool image_tie_about(const char *name, const char **ret_what, const char **ret_why);
