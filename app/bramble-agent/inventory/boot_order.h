/* Where a machine's firmware looks for a system, and in which order.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble-agent/io/tree.h"

/** boot_order_describe() - UEFI's entries in their order, an array that the caller owns. */
json_t *boot_order_describe(const struct tree *t);

/** boot_order_first() - "network-first", "disk-first" (and the network where no disk boots) or "disk-only";
 * "": it cannot be told. */
const char *boot_order_first(const struct tree *t);
