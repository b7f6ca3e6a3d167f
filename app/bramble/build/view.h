/* A view of apt's that is ours alone: the mirrors' lists for one architecture, and packages unpacked from
 * them (apt.h). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/build/build.h"

/**
 * view_refresh() - read the machine's mirrors, and fetch what they have now
 *
 * Sets b->view, b->sources and b->state. Without the network the lists of last time do, with a remark.
 */
MUST_CHECK int view_refresh(struct build *b, struct error *reterr);

/** view_unpack() - the newest of each package, unpacked below @dir; @names ends with a NULL. */
MUST_CHECK int view_unpack(struct build *b, const char *const *names, const char *dir, struct error *reterr);

/**
 * view_kernel() - the package that a kernel's metapackage stands for
 * @ret:        "linux-image-6.1.0-25-arm64", the caller's
 */
MUST_CHECK int view_kernel(struct build *b, const char *metapackage, char **ret, struct error *reterr);

/** view_kernel_parse() - the same from the words of `apt-cache depends`; NULL: it names none, or out of
 * memory. Pure. */
char *view_kernel_parse(const char *output);
