/*
 * The message that goes back: which fields and options it carries (RFC 2131 section 4.3, table 3; RFC 6842;
 * RFC 3046).
 *
 * Pure: all has been decided, this only spells it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/dhcp4/backend.h"

struct dhcp4_reply {
        uint8_t type; /* OFFER, ACK or NAK */
        const struct dhcp4_packet *request;
        uint32_t server;                 /* option 54 */
        const struct dhcp4_net *net;     /* NULL: no configuration (proxy, NAK) */
        const struct dhcp4_lease *lease; /* NULL: no address is given (INFORM, proxy, NAK) */
        const struct dhcp4_boot *boot;   /* NULL: nothing to boot */
        const char *message;             /* option 56; NULL: none */
};

/** dhcp4_reply_write() - into @buf of DHCP4_MESSAGE_MAX octets; returns the length, 0 when it cannot be
 * written. */
size_t dhcp4_reply_write(const struct dhcp4_reply *r, uint8_t *buf);
