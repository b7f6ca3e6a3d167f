/* Things that go on for a while and that an operator should know: said once, and again when they change or
 * after a minute. Control thread only. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rack/state.h"

void rack_note_journal_failure(struct rack *r);
void rack_note_pool_empty(struct rack *r, const struct net *net);
void rack_note_declines(struct rack *r, const struct mac *mac);

/** rack_may_log() - whether the log takes a line more about this boot: always of a machine that is
 * registered, but anybody can make up MACs, and the log is written while all others wait. */
bool rack_may_log(struct rack *r, const struct machine *machine, uint64_t now_ms);

/** rack_note_foreign() - a DHCP server that is not us was heard on a link. */
void rack_note_foreign(struct rack *r, const struct dhcp4_link *link, uint32_t server);
