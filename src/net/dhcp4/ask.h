/*
 * Asking as a client whether a DHCP server is on a link: the messages, and the judgement of what comes back.
 *
 * Pure; client.c has the socket. A DISCOVER asks for an offer that is never taken. An INFORM goes with it,
 * because some servers look for a new address for three seconds before they offer it (dnsmasq), but answer an
 * INFORM at once.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/dhcp4/packet.h"

enum { DHCP4_HEARD_MAX = 8 };

struct dhcp4_heard_server {
        uint32_t server;  /* its option 54 */
        uint32_t offered; /* the address that it would give; 0: none, as from a proxy or to an INFORM */
};

struct dhcp4_ask {
        uint32_t xid;   /* random, the caller's choice */
        struct mac mac; /* of the interface that asks */
        uint32_t addr;  /* its address; 0: none, then only a DISCOVER can be sent */
        struct dhcp4_heard_server heard[DHCP4_HEARD_MAX];
        size_t n_heard;
};

/** dhcp4_ask_write() - a DISCOVER or an INFORM, into @buf of DHCP4_MESSAGE_MAX octets; returns its length. */
size_t dhcp4_ask_write(const struct dhcp4_ask *a, enum dhcp4_type type, uint8_t *buf);

/** dhcp4_ask_hear() - take in a message; true when it is a server's answer to us (kept in heard[], each
 * server once). */
bool dhcp4_ask_hear(struct dhcp4_ask *a, const struct dhcp4_packet *p);
