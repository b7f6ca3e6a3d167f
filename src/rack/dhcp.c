/* DHCP's backend; see dhcp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/dhcp.h"

#include "io/clock.h"
#include "net/dhcp4/answer.h"
#include "net/dhcp4/packet.h"
#include "rack/address.h"
#include "rack/dhcp_boot.h"
#include "rack/dhcp_lease.h"
#include "rack/meeting.h"
#include "rack/notice.h"
#include "rack/state.h"
#include "rack/story.h"
#include "rack/wire.h"

static bool rack_net(void *ctx, const struct dhcp4_link *link, const struct dhcp4_packet *p, uint64_t now_ms,
                     struct dhcp4_net *ret) {
        struct rack *r = ctx;
        const struct net *net = rack_net_of(r, link, p, now_ms);

        r->meeting = (struct meeting){};
        if (!net || net->dhcp4.mode == DHCP4_OFF)
                return false;
        r->meeting = (struct meeting){ .packet = p, .link = link, .net = net };
        *ret = net->dhcp4;
        return true;
}

static uint64_t rack_durable(void *ctx) {
        return lease_journal_durable(((struct rack *)ctx)->journal);
}

static void rack_seen(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                      const struct dhcp4_packet *request, const struct dhcp4_answer *answer,
                      uint64_t now_ms) {
        struct rack *r = ctx;
        (void)link;

        /* What is no client's message, or nobody's, belongs into nobody's story. */
        if (net && r->meeting.packet == request && request->op == 1 && dhcp4_packet_has_mac(request))
                rack_tell_dhcp(r, rack_meet(r, request, now_ms), answer, now_ms);
        r->meeting = (struct meeting){};
}

/* In proxy mode this is how a client's address is learnt: whoever serves files must recognise it. */
static void learn_address(struct rack *r, const struct dhcp4_link *link, const struct dhcp4_packet *p,
                          uint32_t addr) {
        struct session *s = sessions_find(r->sessions, &p->mac);
        struct sighting *sighting = sightings_see(r->sightings, &p->mac, clock_unix_s());

        if (sighting) {
                sighting->ip = ip_from_v4(addr);
                sighting->source = SIGHTING_OVERHEARD;
        }
        if (p->op == 2) /* its server's word; its own is anybody's */
                rack_vouch_for(r, &p->mac);
        if (s && !s->is_finished)
                rack_settle(r, s, p->giaddr == 0 ? link : NULL, addr);
        else
                rack_pass_address(r, addr, &p->mac);
}

static void rack_elsewhere(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                           const struct dhcp4_packet *p, uint32_t server, uint32_t addr, uint64_t now_ms) {
        struct rack *r = ctx;
        struct meeting *m = &r->meeting;
        (void)server;

        if (p->op == 1)
                (void)rack_meet(r, p, now_ms); /* a client's own word, and not its server's */
        if (net->mode == DHCP4_SERVER)
                rack_take_offer_back(r, m->net, p, m->machine);
        else if (net->mode == DHCP4_PROXY && addr)
                learn_address(r, link, p, addr);
}

static void rack_foreign(void *ctx, const struct dhcp4_link *link, uint32_t server,
                         const struct dhcp4_packet *p, uint64_t now_ms) {
        (void)now_ms;
        rack_note_foreign(ctx, link, server);
        rack_hear_foreign(ctx, link, server, p);
}

static void rack_looks_for(void *ctx, const struct dhcp4_link *link, const struct mac *mac, uint32_t addr,
                           uint64_t now_ms) {
        (void)link;
        (void)now_ms;
        rack_hear_arp(ctx, mac, addr);
}

const struct dhcp4_backend rack_dhcp_backend = {
        .net = rack_net,
        .offer = rack_offer,
        .request = rack_request,
        .release = rack_release,
        .decline = rack_decline,
        .elsewhere = rack_elsewhere,
        .boot = rack_boot,
        .durable = rack_durable,
        .seen = rack_seen,
        .foreign = rack_foreign,
        .looks_for = rack_looks_for,
        .conflict = rack_conflict,
};
