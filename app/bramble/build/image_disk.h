/* The step that makes a disk image: a table, a boot volume, and the root with what names the disk laid over.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/build/image_plan.h"

/** image_disk_make() - struct build_step's make(). */
MUST_CHECK int image_disk_make(struct build *b, const char *part, struct error *reterr);
