/* A root over the network freed of what ties it to a disk (format/ties.h), before its system starts. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

/* That it was done: a root that is kept has a machine-id and host keys of its own by its second boot. */
#define LOOSEN_STAMP "var/lib/bramble/loosened"

struct volume;

/** root_loosen() - once for each root; 0, or negative with a sentence. */
MUST_CHECK int root_loosen(const struct volume *root, struct error *reterr);
