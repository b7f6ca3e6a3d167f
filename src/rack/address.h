/*
 * What hangs on an address: who is known behind it, the kernel's neighbour entry, the trail's line. Control
 * thread only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rack/state.h"

/**
 * rack_settle() - the address of a boot session is known
 * @link:       where its client is; NULL: behind a relay, where ARP does not reach
 *
 * Whoever serves files recognises the client from now on, and no ARP is needed to reach it.
 */
void rack_settle(struct rack *r, struct session *s, const struct dhcp4_link *link, uint32_t addr);

/** rack_leave_address() - the session's address is not its own any more: nobody is behind it, no neighbour
 * entry stands for it. */
void rack_leave_address(struct rack *r, struct session *s);

/** rack_pass_address() - @addr is @mac's now: who was known behind it before is not there any more. */
void rack_pass_address(struct rack *r, uint32_t addr, const struct mac *mac);

/** rack_give_up_address() - @mac has given @addr back, or must not use it. */
void rack_give_up_address(struct rack *r, uint32_t addr, const struct mac *mac);
