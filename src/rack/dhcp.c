/* DHCP's backend; see dhcp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/dhcp.h"

#include <stdio.h>

#include "base/text.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/log.h"
#include "net/dhcp4/answer.h"
#include "net/dhcp4/packet.h"
#include "rack/state.h"
#include "rack/story.h"

enum {
        OFFER_HOLD_S = 60,     /* an OFFER keeps its address for its client this long */
        DECLINE_S = 600,       /* an address that somebody else uses rests this long */
        NEIGHBOURS_MAX = 8192, /* entries of ours at once: more boards than that boot one after another */
        TOKEN_OCTETS = (BOOT_TOKEN_SIZE - 1) / 2,

        OPTION_PXE_CONFIG = 209 /* RFC 5071 */
};

static const struct net *net_for(const struct rack *r, const struct dhcp4_link *link,
                                 const struct dhcp4_packet *p) {
        uint32_t hint = dhcp4_packet_subnet_hint(p);

        if (hint)
                return nets_of(r->nets, hint);
        const struct net *net = p->ciaddr ? nets_of(r->nets, p->ciaddr) : NULL;
        return net ? net : nets_on(r->nets, link->interface);
}

static bool rack_net(void *ctx, const struct dhcp4_link *link, const struct dhcp4_packet *p,
                     struct dhcp4_net *ret) {
        struct rack *r = ctx;
        const struct net *net = net_for(r, link, p);

        r->meeting = (struct meeting){};
        if (!net || net->dhcp4.mode == DHCP4_OFF)
                return false;
        r->meeting = (struct meeting){ .packet = p, .link = link, .net = net };
        *ret = net->dhcp4;
        return true;
}

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

static void draw_token(char token[static BOOT_TOKEN_SIZE]) {
        uint8_t octets[TOKEN_OCTETS];
        random_octets(octets, sizeof(octets));
        (void)text_hex(octets, sizeof(octets), token);
}

/* The boot session that a message of firmware belongs to; a new one where this DISCOVER begins another boot.
 */
static struct session *session_for(struct rack *r, struct meeting *m, uint64_t now_ms) {
        const struct dhcp4_packet *p = m->packet;
        struct session *s = sessions_find(r->sessions, &p->mac);
        bool is_later_stage = m->client->id == CLIENT_GRUB || m->client->id == CLIENT_OTHER;

        if (!m->client->is_firmware || is_later_stage)
                return s && !s->is_finished ? s : NULL;
        if (!s || (p->type == DHCP4_DISCOVER && session_is_over(s, m->client->id, now_ms))) {
                s = rack_begin_session(r, &p->mac, m->client->id, m->machine, now_ms);
                m->is_new_session = s != NULL;
        }
        if (!s)
                return NULL;
        if (p->type == DHCP4_DISCOVER)
                s->delivered = 0;
        s->xid = p->xid;
        s->ask.client = m->client->id;
        sessions_touch(r->sessions, s, now_ms);
        return s;
}

/* What DHCP told about a sender that may be nobody's: kept for `machine list`. */
static void note_sighting(struct rack *r, const struct meeting *m, const struct who *who) {
        struct sighting *s = sightings_see(r->sightings, &m->packet->mac, clock_unix_s());
        if (!s)
                return;
        if (m->client->is_firmware)
                s->client = m->client->id;
        struct pi_identity pi;
        if (who->evidence.uuid &&
            pi_identity_parse(who->evidence.uuid, who->evidence.uuid_len, &m->packet->mac, &pi))
                s->pi = pi;
}

/* Finds out who sent the message in work, once. */
static struct meeting *meet(struct rack *r, const struct dhcp4_packet *p, uint64_t now_ms) {
        struct meeting *m = &r->meeting;
        if (m->client)
                return m;

        struct who who;
        who_of(p, &who);
        m->client = client_of(r, p, &who);
        who_ask(p, &who, m->client->id, &m->ask);
        m->machine = who_machine(r->nets->site, &m->ask);
        m->session = session_for(r, m, now_ms);
        m->why_no_boot = "";

        m->ask.server = ip_from_v4(m->link->server);
        m->ask.http_port = r->config.http_port;
        m->ask.subnet = m->net->subnet->net.addr;
        if (m->session) {
                struct session *s = m->session;
                /* Later stages say less of themselves than the first: what was known stays known. */
                if (!m->ask.has_serial && s->ask.has_serial) {
                        m->ask.has_serial = true;
                        m->ask.serial = s->ask.serial;
                        m->ask.revision = s->ask.revision;
                }
                m->ask.session = s->ask.session;
                if (!s->ask.token[0])
                        draw_token(s->ask.token);
                memcpy(m->ask.token, s->ask.token, sizeof(m->ask.token));
        }
        note_sighting(r, m, &who);
        return m;
}

static uint32_t reservation(const struct meeting *m, const struct dhcp4_net *net) {
        uint32_t addr = m->machine ? ip_to_v4(&m->machine->ip) : 0;
        return addr && (addr & net->mask) == net->addr ? addr : 0;
}

/* Whether the policy of the subnet gives nothing at all to a machine that nobody registered; the reason is
 * noted. */
static bool is_refused(struct meeting *m) {
        if (m->machine || m->net->subnet->unknown != SUBNET_UNKNOWN_REFUSE)
                return false;
        m->why_no_boot = "nobody registered it, and its subnet refuses such machines (unknown=refuse): not "
                         "even an address";
        return true;
}

static bool addr_is_reserved(void *ctx, uint32_t addr) {
        const struct rack *r = ctx;
        struct ip_addr ip = ip_from_v4(addr);

        for (size_t i = 0; i < r->n_links; i++)
                if (r->links[i].server == addr)
                        return true;
        return ip_equal(&r->meeting.net->subnet->gateway, &ip) || site_machine_by_ip(r->nets->site, &ip);
}

static struct lease_pool pool_of(struct rack *r) {
        struct lease_pool pool = r->meeting.net->pool;
        pool.is_reserved = addr_is_reserved;
        pool.ctx = r;
        return pool;
}

/* Hands a changed lease to the journal; false when it cannot be kept, and then nothing may be promised. */
static bool keep(struct rack *r, const struct lease *l, uint64_t *ticket) {
        *ticket = lease_journal_append(r->journal, l);
        if (*ticket == 0)
                rack_note_journal_failure(r);
        return *ticket != 0;
}

static enum dhcp4_lease_answer bind(struct rack *r, const struct meeting *m, const struct dhcp4_net *net,
                                    const struct lease_client *who, uint32_t addr, struct dhcp4_lease *ret) {
        struct lease_pool pool = pool_of(r);
        struct lease lease;

        switch (lease_bind(r->leases, &pool, who, addr, reservation(m, net), clock_unix_s(),
                           m->net->subnet->lease_s, &lease)) {
        case LEASE_OK:
                break;
        case LEASE_NOT_YOURS:
                return DHCP4_LEASE_WRONG;
        case LEASE_UNKNOWN:
                return DHCP4_LEASE_UNKNOWN;
        default:
                return DHCP4_LEASE_NONE;
        }
        *ret = (struct dhcp4_lease){ .addr = lease.addr, .lease_s = m->net->subnet->lease_s };
        return keep(r, &lease, &ret->ticket) ? DHCP4_LEASE_OK : DHCP4_LEASE_NONE;
}

static enum dhcp4_lease_answer rack_offer(void *ctx, const struct dhcp4_net *net,
                                          const struct dhcp4_packet *p, bool commit, uint64_t now_ms,
                                          struct dhcp4_lease *ret) {
        struct rack *r = ctx;
        struct meeting *m = meet(r, p, now_ms);
        struct lease_pool pool = pool_of(r);
        struct lease_client who;
        struct lease lease;
        uint32_t wanted = 0;

        if (is_refused(m))
                return DHCP4_LEASE_NONE;
        if (lease_journal_failure(r->journal) < 0) {
                rack_note_journal_failure(r);
                return DHCP4_LEASE_NONE;
        }
        who_lease_client(p, net->id, &who);
        (void)dhcp4_option_u32(p, DHCP4_OPTION_ADDRESS, &wanted);
        int answer = lease_offer(r->leases, &pool, &who, wanted, reservation(m, net), clock_unix_s(),
                                 OFFER_HOLD_S, &lease);
        if (answer == LEASE_POOL_EMPTY)
                rack_note_pool_empty(r, m->net);
        if (answer != LEASE_OK)
                return DHCP4_LEASE_NONE;
        if (commit)
                return bind(r, m, net, &who, lease.addr, ret);

        *ret = (struct dhcp4_lease){
                .addr = lease.addr,
                .lease_s = m->net->subnet->lease_s,
                /* Asked about ahead, so that the next new client need not wait for the answer. */
                .probe = lease_next_likely(r->leases, &pool, clock_unix_s()),
        };
        return DHCP4_LEASE_OK;
}

static enum dhcp4_lease_answer rack_request(void *ctx, const struct dhcp4_net *net,
                                            const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms,
                                            struct dhcp4_lease *ret) {
        struct rack *r = ctx;
        struct meeting *m = meet(r, p, now_ms);
        struct lease_client who;

        if (is_refused(m))
                return DHCP4_LEASE_NONE;
        who_lease_client(p, net->id, &who);
        return bind(r, m, net, &who, addr, ret);
}

static void rack_release(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                         uint64_t now_ms) {
        struct rack *r = ctx;
        struct lease_client who;
        struct lease lease;
        uint64_t ticket;

        (void)meet(r, p, now_ms);
        who_lease_client(p, net->id, &who);
        if (lease_release(r->leases, &who, addr, clock_unix_s(), &lease))
                (void)keep(r, &lease, &ticket); /* a release that is lost only keeps the address longer */
}

static void rack_decline(void *ctx, const struct dhcp4_net *net, const struct dhcp4_packet *p, uint32_t addr,
                         uint64_t now_ms) {
        struct rack *r = ctx;
        struct lease_client who;
        struct lease lease;
        uint64_t ticket;

        (void)meet(r, p, now_ms);
        who_lease_client(p, net->id, &who);
        if (lease_decline(r->leases, &who, addr, clock_unix_s(), DECLINE_S, &lease))
                (void)keep(r, &lease, &ticket);
}

static void rack_conflict(void *ctx, const struct dhcp4_link *link, uint32_t addr, const struct mac *mac,
                          uint64_t now_ms) {
        struct rack *r = ctx;
        struct lease lease;
        uint64_t ticket;
        char ip[IP_TEXT_SIZE], who[MAC_TEXT_SIZE];
        (void)now_ms;

        const struct lease *held = lease_find_addr(r->leases, addr);
        if (held && mac_equal(&held->client.mac, mac))
                return; /* its own client answered: a board that restarted while its old system was still
                           there */
        if (!lease_conflict(r->leases, addr, clock_unix_s(), DECLINE_S, &lease))
                return;
        (void)keep(r, &lease, &ticket);
        log_warn("dhcp: address is in use by a stranger, not giving it", "ip", ip4_text(addr, ip), "mac",
                 mac_text(mac, who), "interface", link->interface);
}

/* The client's address is known: whoever serves files must recognise it, and no ARP must be needed to reach
 * it. */
static void settle(struct rack *r, struct meeting *m, uint32_t addr) {
        struct session *s = m->session;
        struct ip_addr ip = ip_from_v4(addr);

        if (ip_is_set(&s->ask.client_ip) && !ip_equal(&s->ask.client_ip, &ip))
                rack_leave_address(r, s);
        m->ask.client_ip = ip;
        s->ask = m->ask;
        (void)presences_set(r->presences,
                            &s->ask); /* out of memory: served as somebody unknown, and says so */
        trail_set_ip(r->trail, s->ask.session, &ip);
        if (m->packet->giaddr == 0 && !s->neighbour_ifindex && r->n_neighbours < NEIGHBOURS_MAX &&
            neighbour_set(r->neighbours, m->link->ifindex, addr, &m->packet->mac) == 0) {
                s->neighbour_ifindex = m->link->ifindex;
                r->n_neighbours++;
        }
}

static void add_option(struct dhcp4_boot *boot, uint8_t number, const void *octets, size_t len) {
        if (len > 0 && len <= UINT16_MAX && boot->n_options < DHCP4_BOOT_OPTIONS_MAX)
                boot->options[boot->n_options++] =
                        (struct dhcp4_option){ .number = number, .len = (uint16_t)len, .octets = octets };
}

static void add_text(struct dhcp4_boot *boot, uint8_t number, const char *text) {
        add_option(boot, number, text, strlen(text));
}

/* The plan's offer in DHCP's words; the texts live in the plan's arena until the next message. */
static void fill_boot(struct rack *r, const struct boot_plan *plan, const struct dhcp4_packet *p,
                      struct dhcp4_boot *ret) {
        const struct boot_offer *o = &plan->offer;
        const struct dhcp4_option *uuid = dhcp4_option_find(p, DHCP4_OPTION_UUID);
        char dotted[IP_TEXT_SIZE];

        if (!o->is_bootable)
                return;
        ret->is_bootable = true;
        ret->next_server = ip_to_v4(&o->next_server);
        ret->file = o->bootfile;
        if (o->vendor_class)
                add_text(ret, DHCP4_OPTION_VENDOR_CLASS, o->vendor_class);
        add_option(ret, DHCP4_OPTION_VENDOR, o->vendor_options, o->vendor_options_len);
        if (o->has_server_name) {
                const char *copy = arena_strdup(r->arena, ip_text(&o->next_server, dotted));
                if (copy)
                        add_text(ret, DHCP4_OPTION_TFTP_SERVER, copy);
        }
        if (o->echo_uuid && uuid)
                add_option(ret, DHCP4_OPTION_UUID, uuid->octets, uuid->len);
        if (o->pxe_config)
                add_text(ret, OPTION_PXE_CONFIG, o->pxe_config);
}

static void rack_boot(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                      const struct dhcp4_packet *p, uint32_t addr, uint64_t now_ms, struct dhcp4_boot *ret) {
        struct rack *r = ctx;
        struct meeting *m = meet(r, p, now_ms);
        const struct boot_client *c = m->client;
        (void)link;
        (void)net;

        *ret = (struct dhcp4_boot){
                .offer_delay_ms = c->offer_delay_ms,
                .wants_broadcast = c->wants_broadcast,
                .wants_arp = c->wants_broadcast,
                .commits_offer = c->commits_offer,
                .one_at_a_time = c->one_at_a_time,
        };
        if (!c->is_firmware)
                return;

        if (addr && m->session)
                settle(r, m, addr);
        arena_reset(r->arena);
        const struct boot_plan *plan = boot_plan(r->nets->site, &m->ask, r->arena);
        if (!plan)
                return;
        if (plan->n_reasons > 0 && !plan->offer.is_bootable)
                m->why_no_boot = plan->reasons[plan->n_reasons - 1];
        fill_boot(r, plan, p, ret);
}

static uint64_t rack_durable(void *ctx) {
        return lease_journal_durable(((struct rack *)ctx)->journal);
}

static void rack_seen(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                      const struct dhcp4_packet *request, const struct dhcp4_answer *answer,
                      uint64_t now_ms) {
        struct rack *r = ctx;
        (void)link;

        if (!net || !r->meeting.packet)
                return;
        rack_tell_dhcp(r, meet(r, request, now_ms), answer, now_ms);
        r->meeting = (struct meeting){};
}

/* Its client chose another server: the offer is free for others (RFC 2131 section 4.3.2). */
static void take_offer_back(struct rack *r, const struct dhcp4_net *net, const struct dhcp4_packet *p) {
        struct lease_client who;
        struct lease freed;

        who_lease_client(p, net->id, &who);
        const struct lease *l = lease_find_client(r->leases, &who);
        if (l && l->state == LEASE_OFFERED)
                (void)lease_release(r->leases, &who, l->addr, clock_unix_s(),
                                    &freed); /* offers are not in the journal */
}

static void rack_elsewhere(void *ctx, const struct dhcp4_link *link, const struct dhcp4_net *net,
                           const struct dhcp4_packet *p, uint32_t server, uint32_t addr, uint64_t now_ms) {
        struct rack *r = ctx;
        struct session *s = sessions_find(r->sessions, &p->mac);
        (void)now_ms;
        (void)server;

        if (net->mode == DHCP4_SERVER)
                take_offer_back(r, net, p);
        if (net->mode != DHCP4_PROXY || !addr)
                return;

        /* In proxy mode this is how a client's address is learnt: whoever serves files must recognise it. */
        struct sighting *sighting = sightings_see(r->sightings, &p->mac, clock_unix_s());
        if (sighting) {
                sighting->ip = ip_from_v4(addr);
                sighting->source = SIGHTING_OVERHEARD;
        }
        if (!s || s->is_finished)
                return;
        struct meeting m = {
                .packet = p,
                .link = link,
                .net = nets_of(r->nets, net->addr),
                .session = s,
                .ask = s->ask,
        };
        settle(r, &m, addr);
}

static void rack_foreign(void *ctx, const struct dhcp4_link *link, uint32_t server,
                         const struct dhcp4_packet *p, uint64_t now_ms) {
        struct rack *r = ctx;
        (void)p;
        (void)now_ms;

        rack_note_foreign(r, link, server);
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
        .conflict = rack_conflict,
};
