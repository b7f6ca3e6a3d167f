/* Where a machine's cable ends, out of its inventory. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "core/power/power.h"

/**
 * neighbour_of_inventory() - the switch and port that the card with one of these MACs heard by LLDP
 * @inventory:  as its agent sent it, JSON; NULL: none
 * @macs:       the machine's, the one that boots first before the others
 *
 * A wrong port would take another machine's power: a card that heard two switches tells nothing.
 * Return: whether it is known; @ret is set then only.
 */
bool neighbour_of_inventory(const char *inventory, const struct mac *macs, size_t n,
                            struct power_neighbour *ret);
