/*
 * The message in work: who sent it, which boot it belongs to, found out once and used by every question that
 * the DHCP server asks about it. Control thread only.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rack/state.h"

/** rack_meet() - the meeting of @p, whose net is chosen; begins a boot session where @p begins a boot. */
struct meeting *rack_meet(struct rack *r, const struct dhcp4_packet *p, uint64_t now_ms);

/**
 * rack_net_of() - the net that a message belongs to; NULL: none of ours
 *
 * By its relay or its own word, by the address that it has, else by the link. Where a link has several nets:
 * the one of the machine's reservation, of the address that is asked for, of the client's lease, else the
 * first that has an address left.
 */
const struct net *rack_net_of(struct rack *r, const struct dhcp4_link *link, const struct dhcp4_packet *p,
                              uint64_t now_ms);

/** rack_reservation() - the address of @net that the site keeps for @machine (may be NULL); 0: none. */
uint32_t rack_reservation(const struct machine *machine, const struct net *net);

/**
 * rack_lease_client() - the key of the sender's lease in @net
 *
 * As who_lease_client(), but whatever a machine runs comes to the address that is reserved for it: firmware
 * that sends no client identifier, and a system that sends one of its own.
 */
void rack_lease_client(const struct rack *r, const struct dhcp4_packet *p, const struct machine *machine,
                       const struct net *net, struct lease_client *ret);

/** rack_pool_of() - the addresses of @net that may be given to anybody now; lives as long as the snapshot. */
struct lease_pool rack_pool_of(struct rack *r, const struct net *net);
