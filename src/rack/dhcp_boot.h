/* DHCP's backend, second half: which boot. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/dhcp4/backend.h"

/* As struct dhcp4_backend says; @ctx: struct rack. */
void rack_boot(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
               const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms, struct dhcp4_boot *ret);
