/* Who a DHCP message is from: from wire options to the question that core/boot answers. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/client.h"
#include "core/boot/plan.h"
#include "core/lease/lease.h"
#include "net/dhcp4/packet.h"

/* The evidence of one message, with the texts that it points to. */
struct who {
        struct boot_evidence evidence;
        char vendor_class[256], user_class[256];
};

/** who_of() - collect what @p says of its sender; @ret points into @p, to @boards and into itself. */
void who_of(const struct dhcp4_packet *p, const struct board_set *boards, struct who *ret);

/** who_ask() - the sender's identity as part of a question: MAC, serial, UUID, client identifier. */
void who_ask(const struct dhcp4_packet *p, const struct who *who, enum boot_client_id client,
             struct boot_ask *ret);

/**
 * who_lease_client() - the key of the sender's lease in subnet @subnet
 *
 * A client identifier that only repeats the hardware address (type 1 and the MAC, as most operating systems
 * send) counts as none, so that the firmware, which sends none, and the system that it starts get one
 * address.
 */
void who_lease_client(const struct dhcp4_packet *p, uint64_t subnet, struct lease_client *ret);

/** who_machine() - the machine that somebody registered for this sender, by its strongest key; NULL. */
const struct machine *who_machine(const struct site *site, const struct boot_ask *ask);
