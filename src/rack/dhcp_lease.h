/* DHCP's backend, first half: which address. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/dhcp4/backend.h"

/* As struct dhcp4_backend says; @ctx: struct rack. */
enum dhcp4_lease_answer rack_offer(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                   bool commit, uint64_t now_ms, struct dhcp4_lease *ret);
enum dhcp4_lease_answer rack_request(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p,
                                     uint32_t addr, uint64_t now_ms, struct dhcp4_lease *ret);
void rack_release(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                  uint64_t now_ms);
void rack_decline(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                  uint64_t now_ms);
void rack_conflict(void *ctx, const struct dhcp4_link *link, uint32_t addr, const struct mac *mac,
                   uint64_t now_ms);

/** rack_take_offer_back() - its client chose another server: the offer is free for others (RFC 2131 section
 * 4.3.2). */
struct rack;
struct net;
struct machine;
void rack_take_offer_back(struct rack *r, const struct net *net, const struct dhcp4_packet *p,
                          const struct machine *machine);
