/* Where a machine's firmware looks for a system, and in which order; also changed where firmware lets it be.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble-agent/inventory/efi_vars.h"
#include "app/bramble-agent/io/tree.h"
#include "base/error.h"

/** boot_order_describe() - UEFI's entries in their order, an array that the caller owns. */
json_t *boot_order_describe(const struct tree *t);

/** boot_order_first() - "network-first", "disk-first" (and the network where no disk boots) or "disk-only";
 * "": it cannot be told. */
const char *boot_order_first(const struct tree *t);

/** boot_order_booted_disk() - the disk that UEFI started this machine from; false: none, or it does not say.
 */
bool boot_order_booted_disk(const struct tree *t, struct efi_boot_disk *ret);

/** boot_order_can_change() - whether boot_order_set_network_first() could do it: 0, or negative with a
 * sentence. */
MUST_CHECK int boot_order_can_change(const struct tree *t, struct error *reterr);

/** boot_order_network_entry() - UEFI's first entry for the network: 0, or negative with a sentence. */
MUST_CHECK int boot_order_network_entry(const struct tree *t, uint16_t *ret, struct error *reterr);

/** boot_order_set_network_first() - UEFI's entries for the network before all others; 0, or negative with a
 * sentence. */
MUST_CHECK int boot_order_set_network_first(const struct tree *t, struct error *reterr);
