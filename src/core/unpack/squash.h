/* A tree made into a squashfs by tar2sqfs, which reads it as a tar archive from a pipe. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/unpack/tree.h"

/** squash() - @compression: as tar2sqfs calls it; @max: octets of all files. The result is the file @to,
 * which must not be there. */
MUST_CHECK int squash(const struct tree *t, const char *path, uint64_t offset, const char *compression,
                      const char *to, uint64_t max, struct progress *progress, struct error *reterr);
