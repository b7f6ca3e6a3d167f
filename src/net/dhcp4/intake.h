/*
 * What waits to be answered, and who comes next when more arrives than can be answered.
 *
 * Work is done only for those who still wait for it: what finishes an exchange comes before what begins one,
 * a client's newest message replaces its older ones, old ones are dropped, and when there is a backlog the
 * newest comes first. So the rate of finished exchanges stays where it was when the load grows beyond it.
 * Pure: time is passed in.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "net/dhcp4/packet.h"

enum {
        DHCP4_INTAKE_MAX = 4096, /* messages: what arrives in 50 ms at ten times the rate that is answered */
        /*
         * Older than this, nobody waits any more: RFC 2131 section 4.1 asks again after 3 to 5 s, the clients
         * met (iPXE 1-2 s, udhcpc 3 s, Pi and EDK2 4 s) not much sooner, and a repetition of the question is
         * then in the queue or about to be.
         */
        DHCP4_INTAKE_AGE_MS = 2000,
        DHCP4_INTAKE_BACKLOG = 64 /* messages: up to here they are answered in the order in which they came */
};

struct dhcp4_intake;

struct dhcp4_received {
        unsigned ifindex;
        uint16_t port; /* of ours */
        uint32_t src;
        uint16_t src_port;
        uint64_t arrived_ms;
        const uint8_t *octets;
        size_t len;
};

struct dhcp4_intake *dhcp4_intake_new(struct hash_key key); /* NULL: out of memory */
void dhcp4_intake_free(struct dhcp4_intake *in);
DEFINE_CLEANUP(struct dhcp4_intake, dhcp4_intake_free)

/** dhcp4_intake_put() - keep a copy of a message until its turn; false when it cannot be one of DHCP. */
bool dhcp4_intake_put(struct dhcp4_intake *in, const struct dhcp4_received *r);

/** dhcp4_intake_take() - whose turn it is; false when nobody waits. Borrowed until the next put or take. */
bool dhcp4_intake_take(struct dhcp4_intake *in, uint64_t now_ms, struct dhcp4_received *ret);

size_t dhcp4_intake_len(const struct dhcp4_intake *in);

struct dhcp4_intake_counters {
        uint64_t dropped_old, superseded;
};
void dhcp4_intake_counters(const struct dhcp4_intake *in, struct dhcp4_intake_counters *ret);
