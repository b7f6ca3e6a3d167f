/* Asking a disk for its health. See check/smart.h for what the answers mean. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "app/bramble-agent/check/smart.h"
#include "app/bramble-agent/disk.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/tree.h"

/** smart_read() - 0, or -errno: -EOPNOTSUPP when this disk, or the bridge before it, does not tell. */
MUST_CHECK int smart_read(const struct tree *t, const struct disk *d, struct block *b,
                          struct smart_health *ret);
