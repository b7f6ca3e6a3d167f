/* The module archive of a kernel: what the agent loads to reach roots and disks, as a cpio. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/image/roots.h"
#include "core/image/staging.h"
#include "core/image/unpack.h"

/**
 * modules_stage() - stage "modules/RELEASE.cpio"
 *
 * In it lie, unpacked and side by side, "bramble/modules/RELEASE/NAME.ko", and "modules.dep" beside them: for
 * each its name, a colon, and what it needs, what is needed first standing last. None is staged for a kernel
 * without modules.
 */
MUST_CHECK int modules_stage(struct import *i, struct unpack *u, const struct root_place *root,
                             const struct kernel_facts *kernel, struct error *reterr);
