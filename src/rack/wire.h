/*
 * What is heard on the wire beside the conversation with us, as far as it explains a boot: another server's
 * words to our client, whom it looks for, who else speaks with its number.
 *
 * Each is told once a boot: boards repeat what does not work. Control thread only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rack/state.h"

/** rack_hear_foreign() - @server, which is not us, spoke to the client of @p, or was named by it. Where we
 * serve beside another server that is as it should be, and nothing is told. */
void rack_hear_foreign(struct rack *r, const struct dhcp4_link *link, uint32_t server,
                       const struct dhcp4_packet *p);

/** rack_hear_arp() - @mac looks for @addr, which is none of ours. Of interest before its firmware has a file:
 * it fetches them there. */
void rack_hear_arp(struct rack *r, const struct mac *mac, uint32_t addr);

/** rack_hear_rom() - a boot ROM speaks; another one that spoke a moment ago takes its answers for its own. */
void rack_hear_rom(struct rack *r, const struct meeting *m, uint64_t now_ms);

/** rack_hear_unasked() - a connection of its ended without a request. @how: a sentence. */
void rack_hear_unasked(struct rack *r, struct session *s, const char *how);
