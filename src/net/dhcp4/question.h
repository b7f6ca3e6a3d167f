/*
 * What a client's message asks, in the words of RFC 2131 section 4.3.
 *
 * Pure. A REQUEST is one of four questions, told apart by what it carries (section 4.3.2).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "net/dhcp4/backend.h"

enum dhcp4_question_kind {
        DHCP4_ASKS_NOTHING,   /* for us; why says why */
        DHCP4_ASKS_OFFER,     /* DISCOVER */
        DHCP4_ASKS_SELECTED,  /* REQUEST: our offer was taken */
        DHCP4_ASKS_REBOOT,    /* REQUEST: may I keep what I had before? */
        DHCP4_ASKS_RENEWAL,   /* REQUEST: renewing or rebinding, with the address in use */
        DHCP4_ASKS_ELSEWHERE, /* REQUEST: another server's offer was taken */
        DHCP4_ASKS_DECLINE,
        DHCP4_ASKS_RELEASE,
        DHCP4_ASKS_INFORM,
        DHCP4_ASKS_PXE /* on port 4011: what shall I boot? */
};

/* How a packet reached us. @links are all of ours, so that our own name is known on each. */
struct dhcp4_arrival {
        const struct dhcp4_link *link, *links;
        size_t n_links;
        uint32_t src;
        uint16_t src_port;
        uint16_t port; /* of ours */
};

struct dhcp4_question {
        enum dhcp4_question_kind kind;
        uint32_t addr;   /* it is about this address; 0: none */
        uint32_t server; /* the server named (option 54), 0: none */
        const char *why; /* DHCP4_ASKS_NOTHING: a static text */
};

struct dhcp4_question dhcp4_question_of(const struct dhcp4_arrival *from, const struct dhcp4_packet *p);

/** dhcp4_is_our_server() - whether @server is an address that we answer with, on any link. */
bool dhcp4_is_our_server(const struct dhcp4_arrival *from, uint32_t server);
