/* Asking as a client whether a DHCP server is on a link; see ask.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dhcp4/ask.h"

size_t dhcp4_ask_write(const struct dhcp4_ask *a, enum dhcp4_type type, uint8_t *buf) {
        const uint8_t octet = (uint8_t)type;
        static const uint8_t wanted[] = { DHCP4_OPTION_MASK, DHCP4_OPTION_ROUTER };
        const struct dhcp4_option options[] = {
                { DHCP4_OPTION_TYPE, 1, &octet },
                { DHCP4_OPTION_PARAMETERS, sizeof(wanted), wanted },
        };
        return dhcp4_message_write(&(struct dhcp4_message){ .op = 1,
                                                            .xid = a->xid,
                                                            .flags = DHCP4_FLAG_BROADCAST,
                                                            .ciaddr = type == DHCP4_INFORM ? a->addr : 0,
                                                            .mac = a->mac,
                                                            .options = options,
                                                            .n_options = ARRAY_LEN(options),
                                                            .size_max = DHCP4_MESSAGE_DEFAULT },
                                   buf);
}

static struct dhcp4_heard_server *find(struct dhcp4_ask *a, uint32_t server) {
        for (size_t i = 0; i < a->n_heard; i++)
                if (a->heard[i].server == server)
                        return &a->heard[i];
        return NULL;
}

bool dhcp4_ask_hear(struct dhcp4_ask *a, const struct dhcp4_packet *p) {
        uint32_t server = 0;

        if (p->op != 2 || p->xid != a->xid || !mac_equal(&p->mac, &a->mac) ||
            (p->type != DHCP4_OFFER && p->type != DHCP4_ACK) ||
            !dhcp4_option_u32(p, DHCP4_OPTION_SERVER, &server) || server == 0 || server == a->addr)
                return false;
        struct dhcp4_heard_server *known = find(a, server);
        if (!known && a->n_heard < DHCP4_HEARD_MAX) {
                known = &a->heard[a->n_heard++];
                *known = (struct dhcp4_heard_server){ .server = server };
        }
        if (known && p->type == DHCP4_OFFER)
                known->offered = p->yiaddr;
        return true;
}
