/* The message that goes back; see reply.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "base/writer.h"
#include "net/dhcp4/reply.h"

enum { NUMBERS_MAX = 8 };

/* Options in the order in which they leave, each number once: who adds first decides. */
struct list_of_options {
        struct dhcp4_option items[256];
        size_t n;
        bool has[256];
        uint8_t numbers[NUMBERS_MAX][4]; /* octets of those that are made here */
        size_t n_numbers;
};

static void add(struct list_of_options *l, struct dhcp4_option o) {
        if (l->has[o.number] || o.number == DHCP4_OPTION_PAD || o.number == DHCP4_OPTION_END)
                return;
        l->has[o.number] = true;
        l->items[l->n++] = o;
}

static void add_u32(struct list_of_options *l, uint8_t number, uint32_t v) {
        assert(l->n_numbers < NUMBERS_MAX);
        uint8_t *octets = l->numbers[l->n_numbers++];
        struct writer w = writer_of(octets, 4);
        write_u32(&w, v);
        add(l, (struct dhcp4_option){ number, 4, octets });
}

/* Gives back what the request carried, octet by octet. */
static void add_echo(struct list_of_options *l, const struct dhcp4_packet *request, uint8_t number) {
        const struct dhcp4_option *o = dhcp4_option_find(request, number);
        if (o)
                add(l, *o);
}

static bool asks_for(const struct dhcp4_packet *request, uint8_t number) {
        const struct dhcp4_option *list = dhcp4_option_find(request, DHCP4_OPTION_PARAMETERS);
        return list && memchr(list->octets, number, list->len);
}

static void add_lease(struct list_of_options *l, const struct dhcp4_reply *r) {
        uint32_t s = r->lease->lease_s;
        add_u32(l, DHCP4_OPTION_LEASE_S, s);
        if (s == UINT32_MAX) /* for ever: there is nothing to renew */
                return;
        if (asks_for(r->request, DHCP4_OPTION_RENEW_S))
                add_u32(l, DHCP4_OPTION_RENEW_S, s / 2);
        if (asks_for(r->request, DHCP4_OPTION_REBIND_S))
                add_u32(l, DHCP4_OPTION_REBIND_S, s - s / 8);
}

/* The client's own order (RFC 2132 section 9.8). What a list repeats, or nobody set, costs nothing. */
static void add_asked(struct list_of_options *l, const struct dhcp4_net *net,
                      const struct dhcp4_option *list) {
        const struct dhcp4_option *by_number[256] = {};
        for (size_t i = 0; i < net->n_options; i++)
                by_number[net->options[i].number] = &net->options[i];

        for (size_t i = 0; i < list->len; i++) {
                uint8_t number = list->octets[i];
                if (by_number[number])
                        add(l, *by_number[number]);
                else if (number == DHCP4_OPTION_BROADCAST && !l->has[number])
                        add_u32(l, number, net->addr | ~net->mask);
        }
}

static void add_net(struct list_of_options *l, const struct dhcp4_reply *r) {
        const struct dhcp4_option *list = dhcp4_option_find(r->request, DHCP4_OPTION_PARAMETERS);

        if (list) {
                add_asked(l, r->net, list);
                return;
        }
        for (size_t i = 0; i < r->net->n_options; i++)
                add(l, r->net->options[i]);
}

static void collect(struct list_of_options *l, const struct dhcp4_reply *r) {
        bool boots = r->boot && r->boot->is_bootable;

        add(l, (struct dhcp4_option){ DHCP4_OPTION_TYPE, 1, &r->type });
        add_u32(l, DHCP4_OPTION_SERVER, r->server);
        if (r->lease)
                add_lease(l, r);
        /* Ahead of the router, whatever the client's order (RFC 2132 section 3.3). */
        if (r->net)
                add_u32(l, DHCP4_OPTION_MASK, r->net->mask);
        add_echo(l, r->request, DHCP4_OPTION_CLIENT_ID);        /* RFC 6842 section 3 */
        add_echo(l, r->request, DHCP4_OPTION_SUBNET_SELECTION); /* RFC 3011 section 2 */
        for (size_t i = 0; boots && i < r->boot->n_options; i++)
                add(l, r->boot->options[i]);
        if (r->message)
                add(l, (struct dhcp4_option){ DHCP4_OPTION_MESSAGE, (uint16_t)strlen(r->message),
                                              (const uint8_t *)r->message });
        l->has[DHCP4_OPTION_RELAY] = true; /* has a place of its own */
        if (r->net)
                add_net(l, r);
}

size_t dhcp4_reply_write(const struct dhcp4_reply *r, uint8_t *buf) {
        const struct dhcp4_packet *q = r->request;
        bool boots = r->boot && r->boot->is_bootable;
        struct list_of_options l;

        l.n = l.n_numbers = 0;
        memset(l.has, 0, sizeof(l.has));
        collect(&l, r);
        return dhcp4_message_write(
                &(struct dhcp4_message){
                        .op = 2,
                        .xid = q->xid,
                        /* A relay that gets a NAK must broadcast it: the client's address is no good
                           (section 4.3.2). */
                        .flags = r->type == DHCP4_NAK && q->giaddr ? q->flags | DHCP4_FLAG_BROADCAST
                                                                   : q->flags,
                        .ciaddr = r->type == DHCP4_ACK ? q->ciaddr : 0,
                        .yiaddr = r->lease ? r->lease->addr : 0,
                        .siaddr = boots ? r->boot->next_server : 0,
                        .giaddr = q->giaddr,
                        .mac = q->mac,
                        .file = boots && r->boot->file && *r->boot->file ? r->boot->file : NULL,
                        .options = l.items,
                        .n_options = l.n,
                        .relay = dhcp4_option_find(q, DHCP4_OPTION_RELAY),
                        .size_max = dhcp4_packet_size_max(q),
                },
                buf);
}
