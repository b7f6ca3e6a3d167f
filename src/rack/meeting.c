/* The message in work; see meeting.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/meeting.h"

#include "base/text.h"
#include "io/clock.h"
#include "net/dhcp4/packet.h"
#include "rack/contradiction.h"
#include "rack/https.h"
#include "rack/story.h"
#include "rack/token.h"

/* ---- the net ---- */

uint32_t rack_reservation(const struct machine *machine, const struct net *net) {
        uint32_t addr = machine ? ip_to_v4(&machine->ip) : 0;
        bool is_ours = addr == net->dhcp4.server; /* links_update() says so */
        return addr && !is_ours && (addr & net->dhcp4.mask) == net->dhcp4.addr ? addr : 0;
}

static bool addr_is_reserved(void *ctx, uint32_t addr) {
        const struct rack *r = ctx;
        struct ip_addr ip = ip_from_v4(addr);

        for (size_t i = 0; i < r->nets->n; i++)
                if (r->nets->items[i].dhcp4.server == addr ||
                    ip_equal(&r->nets->items[i].subnet->gateway, &ip))
                        return true;
        return site_machine_by_ip(r->nets->site, &ip);
}

struct lease_pool rack_pool_of(struct rack *r, const struct net *net) {
        struct lease_pool pool = net->pool;
        pool.is_reserved = addr_is_reserved;
        pool.ctx = r;
        return pool;
}

void rack_lease_client(const struct rack *r, const struct dhcp4_packet *p, const struct machine *machine,
                       const struct net *net, struct lease_client *ret) {
        uint32_t reserved = rack_reservation(machine, net);
        const struct dhcp4_option *id = dhcp4_option_find(p, DHCP4_OPTION_CLIENT_ID);

        who_lease_client(p, net->dhcp4.id, ret);
        if (!reserved)
                return;
        if (machine->client_id_len && id && id->len == machine->client_id_len &&
            memcmp(id->octets, machine->client_id, id->len) == 0)
                return; /* who is registered by a client identifier is known by it on every card */

        const struct lease *held = lease_find_addr(r->leases, reserved);
        if (held && held->client.key_len && held->client.subnet == net->dhcp4.id &&
            mac_equal(&held->client.mac, &p->mac)) {
                memcpy(ret->key, held->client.key, held->client.key_len);
                ret->key_len = held->client.key_len;
        } else {
                lease_client_key(ret, NULL, 0, &p->mac);
        }
}

static bool has_lease_in(const struct rack *r, const struct dhcp4_packet *p, const struct machine *machine,
                         const struct net *net, int64_t hour_s) {
        struct lease_client who;

        rack_lease_client(r, p, machine, net, &who);
        const struct lease *l = lease_find_client(r->leases, &who);
        return l && lease_is_active(l, hour_s);
}

static bool holds(const struct net *net, uint32_t addr) {
        return addr && (addr & net->dhcp4.mask) == net->dhcp4.addr;
}

/* How much speaks for a net among several on one link; the first of the best is taken. */
static int claim(struct rack *r, const struct dhcp4_packet *p, const struct machine *machine, uint32_t wanted,
                 const struct net *net, int64_t hour_s) {
        struct lease_pool pool = rack_pool_of(r, net);

        if (rack_reservation(machine, net))
                return 4;
        if (holds(net, wanted))
                return 3;
        if (has_lease_in(r, p, machine, net, hour_s))
                return 2;
        return net->dhcp4.mode == DHCP4_SERVER && lease_next_likely(r->leases, &pool, hour_s) ? 1 : 0;
}

/* The choice among several nets of one link. */
static const struct net *choose(struct rack *r, const struct dhcp4_packet *p, const struct net *first,
                                int64_t hour_s) {
        const struct net *best = NULL;
        const char *interface = first->subnet->interface;
        struct who who;
        struct boot_ask ask;
        uint32_t wanted = 0;
        int best_claim = -1;

        who_of(p, site_boards(r->nets->site), &who);
        who_ask(p, &who, boot_client_classify(&who.evidence)->id, &ask);
        const struct machine *machine = who_machine(r->nets->site, &ask);
        (void)dhcp4_option_u32(p, DHCP4_OPTION_ADDRESS, &wanted);
        for (const struct net *net = first; net; net = nets_next_on(r->nets, interface, net)) {
                int c = net->dhcp4.server ? claim(r, p, machine, wanted, net, hour_s)
                                          : -1; /* without an address of ours */
                if (c > best_claim) {
                        best = net;
                        best_claim = c;
                }
        }
        return best;
}

const struct net *rack_net_of(struct rack *r, const struct dhcp4_link *link, const struct dhcp4_packet *p,
                              uint64_t now_ms) {
        uint32_t hint = dhcp4_packet_subnet_hint(p);

        if (hint)
                return nets_of(r->nets, hint);
        const struct net *net = p->ciaddr ? nets_of(r->nets, p->ciaddr) : NULL;
        if (net)
                return net;
        const struct net *first = nets_on(r->nets, link->interface);
        return first && nets_next_on(r->nets, link->interface, first)
                       ? choose(r, p, first, lease_clock_s(&r->lease_clock, now_ms))
                       : first;
}

/* ---- who it is ---- */

/* The class of a message: what it says itself, or for a REQUEST that says nothing what its DISCOVER said (Pi
 * EEPROM, facts 1.3). */
static const struct boot_client *client_of(const struct rack *r, const struct dhcp4_packet *p,
                                           const struct who *who) {
        const struct boot_client *client = boot_client_classify(&who->evidence);
        const struct session *s = sessions_find(r->sessions, &p->mac);

        if (!client->is_firmware && p->type == DHCP4_REQUEST && !who->vendor_class[0] && s &&
            !s->is_finished && s->xid == p->xid)
                return boot_client_by_id(s->ask.client);
        return client;
}

/* Whether this message of firmware begins a boot that its MAC was not in. A REQUEST without one comes from
 * firmware that heard us before we were restarted. */
static bool begins_boot(const struct session *s, const struct meeting *m, uint64_t now_ms) {
        uint8_t type = m->packet->type;

        if (!s)
                return type == DHCP4_DISCOVER || type == DHCP4_REQUEST;
        return type == DHCP4_DISCOVER && session_is_over(s, m->client->id, now_ms);
}

/* The boot session that a message belongs to; a new one where it begins another boot; NULL: none. */
static struct session *session_for(struct rack *r, struct meeting *m, uint64_t now_ms) {
        const struct dhcp4_packet *p = m->packet;
        struct session *s = sessions_find(r->sessions, &p->mac);

        if (!m->client->is_firmware)
                return s && !s->is_finished ? s : NULL;
        if (begins_boot(s, m, now_ms)) {
                s = rack_begin_session(r, &p->mac, m->client->id, m->machine, now_ms);
                m->is_new_session = s != NULL;
        }
        if (!s)
                return NULL;
        if (s->is_by_console)
                s->first_client = m->client->id;
        s->is_by_console = false;
        if (p->type == DHCP4_DISCOVER)
                s->delivered = 0;
        s->xid = p->xid;
        sessions_touch(r->sessions, s, now_ms);
        return s;
}

/* What DHCP told about a sender that may be nobody's: kept for `machine list`. */
static void note_sighting(struct rack *r, struct meeting *m, const struct who *who) {
        struct sighting *s = sightings_see(r->sightings, &m->packet->mac, clock_unix_s());
        struct pi_identity pi;

        if (s && m->client->is_firmware)
                s->client = m->client->id;
        if (!boot_client_is_pi(m->client->id) || !who->evidence.uuid ||
            !pi_identity_parse(&who->evidence, &pi))
                return;
        m->names_other_mac = pi.mac_mismatch;
        const struct sighting *before = pi.has_serial ? sightings_find_serial(r->sightings, pi.serial) : NULL;
        if (contradiction_of_serial(r->nets->site, &m->packet->mac, before))
                m->same_serial = before->known.mac;
        if (s)
                sightings_identify(r->sightings, s, &pi);
}

/* Session and question learn from each other: later stages say less of themselves than the first. */
static void join_session(struct meeting *m) {
        struct session *s = m->session;
        struct ip_addr client_ip = s->ask.client_ip;

        if (!m->ask.has_serial && s->ask.has_serial) {
                m->ask.has_serial = true;
                m->ask.serial = s->ask.serial;
                m->ask.revision = s->ask.revision;
        }
        m->ask.session = s->ask.session;
        tokens_copy(&s->ask, &m->ask);
        m->ask.is_seed_closed = s->ask.is_seed_closed;
        m->ask.is_root_ready = s->ask.is_root_ready;
        m->ask.has_ramdisk = s->ask.has_ramdisk;
        if (!m->client->is_firmware)
                return;
        s->ask = m->ask;
        s->ask.client_ip = client_ip;
}

/* Firmware that asks anew shows what became of what it had fetched. */
static void judge_refusal(struct meeting *m, uint64_t now_ms) {
        struct refusal_watch *w = &m->session->refusal;

        if (m->packet->type != DHCP4_DISCOVER && m->packet->type != DHCP4_REQUEST)
                return; /* EDK2 gives its address back before it starts a program */
        enum refusal what = refusal_on_dhcp(w, m->client->id, now_ms);
        if (what != REFUSAL_NONE)
                (void)refusal_sentence(what, w->loader, m->refused, sizeof(m->refused));
}

struct meeting *rack_meet(struct rack *r, const struct dhcp4_packet *p, uint64_t now_ms) {
        struct meeting *m = &r->meeting;
        struct who who;

        if (m->client)
                return m;
        (void)rack_hear_served(r, now_ms); /* what it fetched before it asked belongs before it */
        who_of(p, site_boards(r->nets->site), &who);
        m->client = client_of(r, p, &who);
        who_ask(p, &who, m->client->id, &m->ask);
        m->machine = who_machine(r->nets->site, &m->ask);
        m->session = session_for(r, m, now_ms);

        m->ask.server = ip_from_v4(m->net->dhcp4.server ? m->net->dhcp4.server : m->link->server);
        https_say(r, &m->ask);
        m->ask.subnet = m->net->subnet->net.addr;
        if (m->session) {
                join_session(m);
                judge_refusal(m, now_ms);
        }
        note_sighting(r, m, &who);
        return m;
}
