/* What an agent's inventory says of a machine itself: its cards, and with them a machine out of nothing.
 * Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/machine/agent_report.h"
#include "core/site/site.h"

/**
 * enlist_add_macs() - the MACs of the cards in @inventory that nobody in @s has
 *
 * Cards that are not made for a cable of their own (bridges, tunnels) are not in an inventory. What has no
 * room any more is left out: a machine is found by any of its MACs.
 */
void enlist_add_macs(const struct site *s, const json_t *inventory, struct machine *m);

/** enlist_note_trust() - how far its firmware checks what it boots; a word that is not known here is one of a
 * later agent. */
void enlist_note_trust(const json_t *board, struct machine *m);

/** enlist_note_eeprom() - what it read of its EEPROM, as it tells in its inventory and in each hello; NULL,
 * or nothing that makes sense: it is left as it was. 1: that is new; 0; -ENOMEM. */
MUST_CHECK int enlist_note_eeprom(const json_t *eeprom, struct machine *m);

/** enlist_machine() - a machine as its first report describes it, under a name that nobody in @s has: New,
 * parked. NULL: out of memory. */
struct machine *enlist_machine(const struct site *s, const struct agent_report *r, const json_t *inventory);
