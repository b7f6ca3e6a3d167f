/*
 * The rack tells the trail what happened, and takes note of what an operator should know.
 *
 * Control thread only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/dhcp4/answer.h"
#include "rack/served.h"
#include "rack/state.h"

/** rack_begin_session() - another boot of @mac begins; NULL when out of memory. */
struct session *rack_begin_session(struct rack *r, const struct mac *mac, enum boot_client_id client,
                                   const struct machine *machine, uint64_t now_ms);

/** rack_leave_address() - the session's address is not its own any more: nobody is behind it, no neighbour
 * entry stands for it. */
void rack_leave_address(struct rack *r, struct session *s);

/** rack_tell_dhcp() - one DHCP message and what was answered. */
void rack_tell_dhcp(struct rack *r, const struct meeting *m, const struct dhcp4_answer *answer,
                    uint64_t now_ms);

/** rack_tell_served() - one file that was served or refused. */
void rack_tell_served(struct rack *r, const struct served *s, uint64_t now_ms);

/* Things that go on for a while: said once, and again when they change or after a minute. */
void rack_note_journal_failure(struct rack *r);
void rack_note_pool_empty(struct rack *r, const struct net *net);
void rack_note_foreign(struct rack *r, const struct dhcp4_link *link, uint32_t server);

/** rack_forget_silent() - once a second: sessions whose machine went silent give back what stands for them.
 */
void rack_forget_silent(struct rack *r, uint64_t now_ms);
