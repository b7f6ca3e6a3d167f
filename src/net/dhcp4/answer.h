/*
 * The decision about one message: what is answered, by which way, and when it may leave.
 *
 * Pure but for what the backend decides: packet and time in, answer out. It sends nothing and waits for
 * nothing.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/dhcp4/backend.h"
#include "net/dhcp4/question.h"

enum dhcp4_way {
        DHCP4_WAY_FRAME,     /* to the client's own hardware address: ARP could not find it, or need not */
        DHCP4_WAY_BROADCAST, /* to all on the link */
        DHCP4_WAY_UDP        /* to an address that can be reached */
};

struct dhcp4_answer {
        uint8_t type;                  /* enum dhcp4_type; DHCP4_NONE: silence, and @why says why */
        bool is_proxy;                 /* boot answers beside another server's address */
        const char *why;               /* static text; NULL where there is nothing to explain */
        const struct dhcp4_boot *boot; /* as long as the call to seen(); NULL: the backend was not asked */

        enum dhcp4_way way;
        uint32_t src, dst; /* the IP addresses it leaves from and goes to */
        uint16_t dst_port;
        struct mac dst_mac;

        uint32_t addr;    /* given, confirmed, or spoken of; 0: none */
        uint32_t lease_s; /* 0: no lease in it */
        uint64_t ticket;  /* must be durable before it leaves */
        uint32_t probe;   /* an address to ask the link about */
        uint16_t delay_ms;
        bool one_at_a_time, wants_arp;

        size_t len; /* of the message; 0: silence */
};

/**
 * dhcp4_answer() - decide about one message from a client
 * @from:       how it came
 * @buf:        room for DHCP4_MESSAGE_MAX octets: the message to send
 * @ret:        the answer
 *
 * Changes nothing but through the backend, which also hears of the outcome (seen()).
 */
void dhcp4_answer(const struct dhcp4_backend *backend, void *ctx, const struct dhcp4_arrival *from,
                  const struct dhcp4_packet *p, uint64_t now_ms, uint8_t *buf, struct dhcp4_answer *ret);

/**
 * dhcp4_overhear() - judge a server's message that was heard on a link
 *
 * Tells the backend of servers that are not ours, and of the addresses they give.
 */
void dhcp4_overhear(const struct dhcp4_backend *backend, void *ctx, const struct dhcp4_arrival *from,
                    const struct dhcp4_packet *p, uint64_t now_ms);
