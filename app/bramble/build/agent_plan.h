/* What the build of an agent environment will do: its packages, and what each step depends on. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/build/build.h"

enum agent_step { STEP_PACKAGES, STEP_INITRD, AGENT_STEPS };

#define AGENT_INITRD "initrd.img"

struct agent_kernel {
        const char *arch;
        const char *metapackage;
        const char *cmdline; /* consoles */
};

extern const struct agent_kernel agent_kernels[]; /* ends with a NULL arch */

/** agent_kernel_find() - never NULL for an architecture that the command line takes. */
const struct agent_kernel *agent_kernel_find(const char *arch);

void agent_packages_inputs(const struct build *b, struct text *out);
void agent_initrd_inputs(const struct build *b, struct text *out);

/** agent_packages() - all that is unpacked beside the kernel: the boot loaders. */
void agent_packages(const char *arch, struct argv *out);
