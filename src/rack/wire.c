/* What is heard beside the conversation; see wire.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/wire.h"

#include <stdio.h>

#include "io/clock.h"
#include "net/dhcp4/packet.h"
#include "rack/story.h"

/* A boot ROM that was not answered asks again after five seconds. */
enum { ROM_MS = 5000 };

static void tell(struct rack *r, struct session *s, enum session_told once, const char *what,
                 const char *detail) {
        struct trail_event e = { .kind = TRAIL_WIRE, .outcome = TRAIL_IGNORED, .at_ms = clock_unix_ms() };

        if (s->is_finished || (s->told & once))
                return;
        s->told |= once;
        (void)snprintf(e.what, sizeof(e.what), "%s", what);
        (void)snprintf(e.detail, sizeof(e.detail), "%s", detail);
        rack_tell(r, s->ask.session, &e);
}

void rack_hear_foreign(struct rack *r, const struct dhcp4_link *link, uint32_t server,
                       const struct dhcp4_packet *p) {
        const struct net *net = nets_on(r->nets, link->interface);
        struct session *s = sessions_find(r->sessions, &p->mac);
        char ip[IP_TEXT_SIZE], addr[IP_TEXT_SIZE], detail[TRAIL_DETAIL_SIZE];

        if (!s || !net || net->dhcp4.mode != DHCP4_SERVER)
                return;
        if (p->type == DHCP4_OFFER) {
                (void)snprintf(detail, sizeof(detail), "DHCP server %s offers it %s", ip4_text(server, ip),
                               ip4_text(p->yiaddr, addr));
                tell(r, s, SESSION_TOLD_OFFER, TRAIL_OFFER_ELSEWHERE, detail);
        } else if (p->type == DHCP4_REQUEST) {
                (void)snprintf(detail, sizeof(detail), "it takes what DHCP server %s offered",
                               ip4_text(server, ip));
                tell(r, s, SESSION_TOLD_REQUEST, TRAIL_REQUEST_ELSEWHERE, detail);
        }
}

void rack_hear_arp(struct rack *r, const struct mac *mac, uint32_t addr) {
        struct session *s = sessions_find(r->sessions, mac);
        char ip[IP_TEXT_SIZE], detail[TRAIL_DETAIL_SIZE];

        if (!s || !boot_client_is_pi(s->ask.client) || s->delivered || !ip_is_set(&s->ask.client_ip))
                return;
        (void)snprintf(detail, sizeof(detail), "it looks for %s, which is not this server",
                       ip4_text(addr, ip));
        tell(r, s, SESSION_TOLD_ARP, TRAIL_ARP_ELSEWHERE, detail);
}

static void tell_other_rom(struct rack *r, struct session *s, const struct mac *other) {
        char text[MAC_TEXT_SIZE], detail[TRAIL_DETAIL_SIZE];

        if (!s)
                return;
        (void)snprintf(detail, sizeof(detail),
                       "the boot ROM of %s asks at the same time, with the same number",
                       mac_text(other, text));
        tell(r, s, SESSION_TOLD_XID, TRAIL_SAME_XID, detail);
}

void rack_hear_rom(struct rack *r, const struct meeting *m, uint64_t now_ms) {
        const struct rom_heard before = r->rom;
        const struct mac *mac = &m->packet->mac;

        r->rom = (struct rom_heard){ .mac = *mac, .subnet = m->net->dhcp4.id, .at_ms = now_ms };
        if (mac_is_zero(&before.mac) || mac_equal(&before.mac, mac) || before.subnet != r->rom.subnet ||
            now_ms - before.at_ms >= ROM_MS)
                return;
        tell_other_rom(r, m->session, &before.mac);
        tell_other_rom(r, sessions_find(r->sessions, &before.mac), mac);
}

void rack_hear_unasked(struct rack *r, struct session *s, const char *how) {
        tell(r, s, SESSION_TOLD_UNASKED, TRAIL_UNASKED, how);
}
