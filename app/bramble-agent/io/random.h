/* Random octets of the kernel's. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"

/** random_octets() - 0 or -errno; waits for a kernel that has none yet. */
MUST_CHECK int random_octets(void *buf, size_t len);
