/* An archive of drivers, for an initrd: a kernel's modules as modules.h chooses them, with lists of their
 * own. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/build/build.h"

/**
 * drivers_pack() - choose, list and pack
 * @modules:    a folder lib/modules/RELEASE with its modules.dep
 * @below:      where its "lib" stands in the initrd: "", or "usr/" where lib is a link that a folder would
 * replace
 * @part:       a folder for what is only on the way
 * @path:       of the archive
 */
MUST_CHECK int drivers_pack(struct build *b, const char *modules, const char *below, const char *part,
                            const char *path, struct error *reterr);
