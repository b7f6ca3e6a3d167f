/* A root file system that is a directory here, as a file that an import can send. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

/**
 * root_dir_pack() - all of a directory as a tarball, by tar
 * @ret:        a file that has no name: below $TMPDIR, else /var/tmp, and gone with its descriptor
 *
 * With owners, links, attributes and capabilities as they are there; other file systems that are mounted in
 * it stay out. Return: 0, or -errno with a sentence.
 */
MUST_CHECK int root_dir_pack(const char *dir, int *ret, struct error *reterr);
