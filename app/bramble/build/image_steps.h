/* The steps of an image build, as they are carried out; image_plan.h is what they are on paper. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/build/image_plan.h"

extern const struct build_step image_steps[IMAGE_STEPS];
extern const struct tool_need image_tools[]; /* ends with a NULL */

/** image_check_machine() - whether this machine can run programs of @arch, as mmdebstrap must; else a
 * sentence. */
MUST_CHECK int image_check_machine(const char *arch, struct error *reterr);
