/* The decision about one message; see answer.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dhcp4/answer.h"
#include "net/dhcp4/frame.h"
#include "net/dhcp4/reply.h"

/* One message under decision: what is known of it, and the answer that grows. */
struct work {
        const struct dhcp4_backend *backend;
        void *ctx;
        const struct dhcp4_arrival *from;
        const struct dhcp4_packet *p;
        uint64_t now_ms;
        struct dhcp4_net net;
        uint32_t server; /* our name for clients of that net */
        struct dhcp4_question q;
        struct dhcp4_boot boot;
        uint8_t *buf;
        struct dhcp4_answer *answer;
};

static void silence(struct work *w, const char *why) {
        w->answer->type = DHCP4_NONE;
        w->answer->why = why;
}

static void ask_boot(struct work *w, uint32_t addr) {
        w->boot = (struct dhcp4_boot){};
        w->backend->boot(w->ctx, w->from->link, &w->net, w->p, addr, w->now_ms, &w->boot);
        w->answer->boot = &w->boot;
}

static bool is_in_net(const struct dhcp4_net *net, uint32_t addr) {
        return (addr & net->mask) == (net->addr & net->mask);
}

/*
 * To a client that has an address. On our own link by a frame all the same: through the kernel's table of
 * neighbours no more than a thousand clients can renew at once (net.ipv4.neigh.default.gc_thresh3).
 */
static void to_its_address(struct work *w) {
        const struct dhcp4_packet *p = w->p;
        struct dhcp4_answer *a = w->answer;
        bool is_on_link = p->giaddr == 0 && is_in_net(&w->net, w->server) && is_in_net(&w->net, p->ciaddr) &&
                          w->from->src == p->ciaddr;

        a->way = is_on_link ? DHCP4_WAY_FRAME : DHCP4_WAY_UDP;
        a->dst = p->ciaddr;
        a->dst_mac = p->mac;
}

/* RFC 2131 section 4.1, and the firmware that only hears broadcasts. */
static void choose_way(struct work *w) {
        const struct dhcp4_packet *p = w->p;
        struct dhcp4_answer *a = w->answer;

        a->dst_port = DHCP4_PORT_CLIENT;
        if (w->from->port == DHCP4_PORT_PXE) {
                a->way = DHCP4_WAY_UDP;
                a->dst = w->from->src;
                a->dst_port = w->from->src_port;
        } else if (p->giaddr != 0 && w->q.kind != DHCP4_ASKS_INFORM) {
                a->way = DHCP4_WAY_UDP;
                a->dst = p->giaddr;
                a->dst_port = DHCP4_PORT_SERVER;
        } else if (a->type == DHCP4_ACK && p->ciaddr != 0) {
                to_its_address(w);
        } else if (a->type == DHCP4_NAK || p->flags & DHCP4_FLAG_BROADCAST || w->boot.wants_broadcast ||
                   a->lease_s == 0) {
                a->way = DHCP4_WAY_BROADCAST;
                a->dst = UINT32_MAX;
                a->dst_mac = dhcp4_mac_broadcast;
        } else {
                a->way = DHCP4_WAY_FRAME;
                a->dst = a->addr;
                a->dst_mac = p->mac;
        }
}

static void say(struct work *w, const struct dhcp4_reply *reply) {
        struct dhcp4_answer *a = w->answer;

        a->type = reply->type;
        a->src = reply->server;
        if (reply->lease) {
                a->addr = reply->lease->addr;
                a->lease_s = reply->lease->lease_s;
                a->ticket = reply->lease->ticket;
                a->probe = w->p->giaddr == 0 ? reply->lease->probe : 0; /* ARP ends at the link */
        }
        choose_way(w);
        a->len = dhcp4_reply_write(reply, w->buf);
        if (a->len == 0)
                silence(w, "the relay's option 82 leaves no room for an answer");
}

static void say_lease(struct work *w, uint8_t type, const struct dhcp4_lease *lease) {
        say(w, &(struct dhcp4_reply){ .type = type,
                                      .request = w->p,
                                      .server = w->server,
                                      .net = &w->net,
                                      .lease = lease,
                                      .boot = &w->boot });
}

static void say_nak(struct work *w, const char *why) {
        w->answer->addr = w->q.addr;
        w->answer->why = why;
        uint32_t server = w->q.server ? w->q.server : w->server; /* who asked one of us heeds no other */
        say(w, &(struct dhcp4_reply){ .type = DHCP4_NAK, .request = w->p, .server = server, .message = why });
}

/* Boot answers alone; the address is another server's business, so no lease option may be in it. */
static void say_proxy(struct work *w, uint8_t type) {
        w->answer->is_proxy = true;
        say(w, &(struct dhcp4_reply){ .type = type, .request = w->p, .server = w->server, .boot = &w->boot });
}

static void answer_discover(struct work *w) {
        struct dhcp4_lease lease = {};
        struct dhcp4_answer *a = w->answer;

        if (w->backend->offer(w->ctx, &w->net, w->p, false, w->now_ms, &lease) != DHCP4_LEASE_OK) {
                silence(w, "no address for this client");
                return;
        }
        ask_boot(w, lease.addr);
        if (w->boot.commits_offer &&
            w->backend->offer(w->ctx, &w->net, w->p, true, w->now_ms, &lease) != DHCP4_LEASE_OK) {
                silence(w, "the address could not be bound");
                return;
        }
        a->delay_ms = w->boot.offer_delay_ms;
        a->one_at_a_time = w->boot.one_at_a_time;
        a->wants_arp = w->boot.wants_arp && w->p->giaddr == 0;
        say_lease(w, DHCP4_OFFER, &lease);
}

/* RFC 2131 section 4.3.2. Who takes our offer, or comes from a wrong network, is told no; of others we may
 * know nothing. */
static void answer_request(struct work *w) {
        bool names_us = w->q.kind == DHCP4_ASKS_SELECTED;
        struct dhcp4_lease lease = {};

        if (!is_in_net(&w->net, w->q.addr)) {
                say_nak(w, "address is not of this network");
                return;
        }
        switch (w->backend->request(w->ctx, &w->net, w->p, w->q.addr, w->now_ms, &lease)) {
        case DHCP4_LEASE_OK:
                ask_boot(w, lease.addr);
                say_lease(w, DHCP4_ACK, &lease);
                return;
        case DHCP4_LEASE_WRONG:
                say_nak(w, "address is not this client's");
                return;
        case DHCP4_LEASE_UNKNOWN:
                if (names_us)
                        say_nak(w, "offer is not known any more");
                else
                        silence(w, "client is not known here");
                return;
        case DHCP4_LEASE_NONE:
                silence(w, "no address for this client");
                return;
        }
}

static void answer_inform(struct work *w) {
        ask_boot(w, w->q.addr);
        w->answer->addr = w->q.addr;
        say_lease(w, DHCP4_ACK, NULL);
}

static void note_elsewhere(struct work *w) {
        const struct dhcp4_link *link = w->from->link;
        uint32_t server = w->q.server;

        if (w->backend->elsewhere)
                w->backend->elsewhere(w->ctx, link, &w->net, w->p, server, w->q.addr, w->now_ms);
        if (w->backend->foreign && server != 0 && !dhcp4_is_our_server(w->from, server))
                w->backend->foreign(w->ctx, link, server, w->p, w->now_ms);
        w->answer->addr = w->q.addr;
        silence(w, "client chose another server");
}

static void note_decline(struct work *w) {
        w->backend->decline(w->ctx, &w->net, w->p, w->q.addr, w->now_ms);
        w->answer->addr = w->q.addr;
}

static void note_release(struct work *w) {
        w->backend->release(w->ctx, &w->net, w->p, w->q.addr, w->now_ms);
        w->answer->addr = w->q.addr;
}

/*
 * Only a client that knows of proxies puts a second server's answer beside an address. U-Boot does not, and
 * would take an OFFER without an address for the real one: even where it claims to be a PXEClient (its EFI
 * boot), it has no option 97, which PXE demands.
 */
static bool knows_proxies(const struct dhcp4_packet *p) {
        const struct dhcp4_option *class = dhcp4_option_find(p, DHCP4_OPTION_VENDOR_CLASS);
        return class && dhcp4_option_find(p, DHCP4_OPTION_UUID) && class->len >= 9 &&
               (memcmp(class->octets, "PXEClient", 9) == 0 ||
                (class->len >= 10 && memcmp(class->octets, "HTTPClient", 10) == 0));
}

static void answer_proxy(struct work *w, uint8_t type, uint32_t addr) {
        if (!knows_proxies(w->p)) {
                silence(w, "not a client of proxy DHCP");
                return;
        }
        ask_boot(w, addr);
        w->answer->addr = addr;
        if (!w->boot.is_bootable) {
                silence(w, "nothing to boot");
                return;
        }
        say_proxy(w, type);
}

static void answer_proxy_discover(struct work *w) {
        answer_proxy(w, DHCP4_OFFER, 0);
        w->answer->delay_ms = w->boot.offer_delay_ms;
        w->answer->one_at_a_time = w->boot.one_at_a_time;
}

static void answer_boot_only(struct work *w) {
        answer_proxy(w, DHCP4_ACK, w->q.addr);
}

static void ignore_proxy_request(struct work *w) {
        silence(w, "a proxy gives no addresses");
}

typedef void (*answer_fn)(struct work *w);

static const answer_fn server_answers[] = {
        [DHCP4_ASKS_OFFER] = answer_discover,    [DHCP4_ASKS_SELECTED] = answer_request,
        [DHCP4_ASKS_REBOOT] = answer_request,    [DHCP4_ASKS_RENEWAL] = answer_request,
        [DHCP4_ASKS_ELSEWHERE] = note_elsewhere, [DHCP4_ASKS_DECLINE] = note_decline,
        [DHCP4_ASKS_RELEASE] = note_release,     [DHCP4_ASKS_INFORM] = answer_inform,
        [DHCP4_ASKS_PXE] = answer_boot_only,
};

/* Beside another server: whatever names an address teaches us who has it. */
static const answer_fn proxy_answers[] = {
        [DHCP4_ASKS_OFFER] = answer_proxy_discover,  [DHCP4_ASKS_SELECTED] = ignore_proxy_request,
        [DHCP4_ASKS_REBOOT] = note_elsewhere,        [DHCP4_ASKS_RENEWAL] = note_elsewhere,
        [DHCP4_ASKS_ELSEWHERE] = note_elsewhere,     [DHCP4_ASKS_DECLINE] = ignore_proxy_request,
        [DHCP4_ASKS_RELEASE] = ignore_proxy_request, [DHCP4_ASKS_INFORM] = answer_boot_only,
        [DHCP4_ASKS_PXE] = answer_boot_only,
};

static void decide(struct work *w) {
        w->q = dhcp4_question_of(w->from, w->p);
        if (w->q.kind == DHCP4_ASKS_NOTHING)
                silence(w, w->q.why);
        else if (w->net.mode == DHCP4_OFF)
                silence(w, "DHCP is off on this subnet");
        else if (w->net.mode == DHCP4_PROXY)
                proxy_answers[w->q.kind](w);
        else
                server_answers[w->q.kind](w);
}

void dhcp4_answer(const struct dhcp4_backend *backend, void *ctx, const struct dhcp4_arrival *from,
                  const struct dhcp4_packet *p, uint64_t now_ms, uint8_t *buf, struct dhcp4_answer *ret) {
        struct work w = {
                .backend = backend, .ctx = ctx, .from = from, .p = p, .now_ms = now_ms, .buf = buf
        };

        *ret = (struct dhcp4_answer){};
        w.answer = ret;
        bool has_net = backend->net(ctx, from->link, p, now_ms, &w.net);
        w.server = has_net && w.net.server ? w.net.server : from->link->server;
        if (has_net)
                decide(&w);
        else
                silence(&w, "no subnet for this client");
        if (backend->seen)
                backend->seen(ctx, from->link, has_net ? &w.net : NULL, p, ret, now_ms);
        ret->boot = NULL;
}

void dhcp4_overhear(const struct dhcp4_backend *backend, void *ctx, const struct dhcp4_arrival *from,
                    const struct dhcp4_packet *p, uint64_t now_ms) {
        struct dhcp4_net net;
        uint32_t server = 0;

        if (p->op != 2 || (p->type != DHCP4_OFFER && p->type != DHCP4_ACK && p->type != DHCP4_NAK) ||
            !dhcp4_option_u32(p, DHCP4_OPTION_SERVER, &server) || server == 0 ||
            dhcp4_is_our_server(from, server))
                return;
        if (backend->foreign)
                backend->foreign(ctx, from->link, server, p, now_ms);
        if (p->type == DHCP4_ACK && p->yiaddr != 0 && dhcp4_packet_has_mac(p) && backend->elsewhere &&
            backend->net(ctx, from->link, p, now_ms, &net))
                backend->elsewhere(ctx, from->link, &net, p, server, p->yiaddr, now_ms);
}
