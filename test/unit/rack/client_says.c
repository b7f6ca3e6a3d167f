/* What clients say by DHCP; see client_says.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include "client_says.h"

#include <assert.h>

#include "base/writer.h"

struct options {
        struct dhcp4_option items[SAYING_OPTIONS_MAX + 3];
        uint8_t numbers[2][4];
        size_t n;
};

static void add_address(struct options *o, uint8_t number, uint8_t *octets, uint32_t addr) {
        if (!addr)
                return;
        struct writer w = writer_of(octets, 4);
        write_u32(&w, addr);
        o->items[o->n++] = (struct dhcp4_option){ number, 4, octets };
}

void client_says(const struct saying *s, uint8_t *octets, struct dhcp4_packet *ret) {
        struct options o = { .items = { { DHCP4_OPTION_TYPE, 1, &s->type } }, .n = 1 };
        struct dhcp4_message m = {
                .op = s->op ? s->op : 1,
                .xid = s->xid ? s->xid : 0x1234,
                .ciaddr = s->ciaddr,
                .yiaddr = s->yiaddr,
                .giaddr = s->giaddr,
                .size_max = DHCP4_MESSAGE_MAX,
        };

        add_address(&o, DHCP4_OPTION_ADDRESS, o.numbers[0], s->wanted);
        add_address(&o, DHCP4_OPTION_SERVER, o.numbers[1], s->server);
        for (size_t i = 0; i < SAYING_OPTIONS_MAX && s->options[i].number; i++)
                o.items[o.n++] = s->options[i];
        m.options = o.items;
        m.n_options = o.n;
        assert(mac_parse(s->mac, &m.mac) == 0);
        size_t len = dhcp4_message_write(&m, octets);
        assert(len > 0 && dhcp4_packet_parse(octets, len, ret) == 0);
}
