/* The rack tells the trail; see story.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/story.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "io/log.h"
#include "rack/follow.h"

enum {
        NOTE_EVERY_MS = 60000,

        /* A session that says nothing for this long is only history: its address and neighbour entry go. */
        SESSION_SILENT_MS = 15 * 60 * 1000,
};

static const char *machine_name(const struct machine *m) {
        return m ? m->name : "";
}

void rack_leave_address(struct rack *r, struct session *s) {
        if (!ip_is_set(&s->ask.client_ip))
                return;
        presences_remove(r->presences, &s->ask.client_ip, s->ask.session);
        if (s->neighbour_ifindex) {
                int error =
                        neighbour_remove(r->neighbours, s->neighbour_ifindex, ip_to_v4(&s->ask.client_ip));
                if (error < 0 && error != -ENODEV) /* an interface that is gone took its entries with it */
                        log_warn("site: a neighbour entry stays behind", "why", strerror(-error));
                r->n_neighbours--;
                s->neighbour_ifindex = 0;
        }
        s->ask.client_ip = (struct ip_addr){};
}

static void make_room(struct rack *r) {
        struct session *oldest = sessions_oldest(r->sessions);
        rack_leave_address(r, oldest);
        trail_finish(r->trail, oldest->ask.session, clock_unix_ms());
        sessions_remove(r->sessions, oldest);
}

struct session *rack_begin_session(struct rack *r, const struct mac *mac, enum boot_client_id client,
                                   const struct machine *machine, uint64_t now_ms) {
        struct session *old = sessions_find(r->sessions, mac);
        char text[MAC_TEXT_SIZE];

        if (old) {
                rack_leave_address(r, old);
                trail_finish(r->trail, old->ask.session, clock_unix_ms());
        } else if (sessions_is_full(r->sessions)) {
                make_room(r);
        }
        struct session *s = sessions_begin(r->sessions, mac, client, now_ms);
        if (!s)
                return NULL;
        s->ask.session = trail_begin(r->trail, mac, machine_name(machine), clock_unix_ms());
        log_info("boot: begins", "machine", machine_name(machine), "mac", mac_text(mac, text), "client",
                 boot_client_by_id(client)->name);
        return s;
}

/* Puts one event into a session's trail and wakes those who follow. */
static void tell(struct rack *r, uint64_t session, const struct trail_event *e) {
        trail_add(r->trail, session, e);
        follow_moved(r->follow);
}

static void note(struct rack *r, uint64_t session, const char *sentence) {
        struct trail_event e = { .kind = TRAIL_NOTE, .outcome = TRAIL_IGNORED, .at_ms = clock_unix_ms() };
        (void)snprintf(e.what, sizeof(e.what), "%s", sentence);
        tell(r, session, &e);
}

static void describe_answer(const struct dhcp4_answer *a, const struct meeting *m, char *buf, size_t size) {
        char ip[IP_TEXT_SIZE];

        if (a->type == DHCP4_NONE)
                (void)snprintf(buf, size, "no answer: %s", a->why ? a->why : "none is due");
        else if (a->is_proxy)
                (void)snprintf(buf, size, "boot offer beside the other server%s",
                               m->why_no_boot[0] ? ", not booted" : "");
        else
                (void)snprintf(buf, size, "%s %s%s", dhcp4_type_name(a->type), ip4_text(a->addr, ip),
                               a->boot && !a->boot->is_bootable && m->client->is_firmware ? ", no boot" : "");
}

/* The operating system has its address: firmware's part is over. */
static bool is_last_stage(const struct meeting *m, const struct dhcp4_answer *a) {
        return m->client->id == CLIENT_OTHER && a->type == DHCP4_ACK;
}

void rack_tell_dhcp(struct rack *r, const struct meeting *m, const struct dhcp4_answer *a, uint64_t now_ms) {
        struct session *s = m->session;
        char mac[MAC_TEXT_SIZE];

        struct sighting *sighting = sightings_see(r->sightings, &m->packet->mac, clock_unix_s());
        if (sighting) {
                if (a->addr && a->type == DHCP4_ACK) {
                        sighting->ip = ip_from_v4(a->addr);
                        sighting->source = SIGHTING_LEASE;
                }
                if (m->client->is_firmware)
                        (void)snprintf(sighting->why, sizeof(sighting->why), "%s", m->why_no_boot);
        }
        if (!s)
                return;

        struct trail_event e = {
                .kind = TRAIL_DHCP,
                .outcome = a->type == DHCP4_NONE  ? TRAIL_IGNORED
                           : a->type == DHCP4_NAK ? TRAIL_FAILED
                                                  : TRAIL_OK,
                .at_ms = clock_unix_ms(),
        };
        (void)snprintf(e.what, sizeof(e.what), "%s", dhcp4_type_name(m->packet->type));
        (void)snprintf(e.client, sizeof(e.client), "%s", m->client->name);
        describe_answer(a, m, e.detail, sizeof(e.detail));
        tell(r, s->ask.session, &e);

        if (m->why_no_boot[0] && m->packet->type == DHCP4_DISCOVER) {
                note(r, s->ask.session, m->why_no_boot);
                if (m->is_new_session)
                        log_info("boot: nothing to boot", "machine", machine_name(m->machine), "mac",
                                 mac_text(&m->packet->mac, mac), "why", m->why_no_boot);
        }
        if (is_last_stage(m, a)) {
                s->is_finished = true;
                trail_finish(r->trail, s->ask.session, clock_unix_ms());
                log_info("boot: the operating system is up", "machine", machine_name(m->machine), "mac",
                         mac_text(&m->packet->mac, mac));
        }
        (void)now_ms;
}

/* The session that a served file belongs to: a client without DHCP gets one with its first request. */
static uint64_t session_of(struct rack *r, const struct served *s, uint64_t now_ms) {
        if (s->session || mac_is_zero(&s->mac))
                return s->session;

        struct session *session = sessions_find(r->sessions, &s->mac);
        if (!session || session_is_over(session, s->client, now_ms)) {
                const struct machine *m = site_machine_by_mac(r->nets->site, &s->mac);
                session = rack_begin_session(r, &s->mac, s->client, m, now_ms);
                if (!session)
                        return 0;
                trail_set_ip(r->trail, session->ask.session, &s->ip);
        }
        sessions_touch(r->sessions, session, now_ms);
        return session->ask.session;
}

void rack_tell_served(struct rack *r, const struct served *s, uint64_t now_ms) {
        uint64_t id = session_of(r, s, now_ms);
        struct session *session = mac_is_zero(&s->mac) ? NULL : sessions_find(r->sessions, &s->mac);

        if (session && session->ask.session == id) {
                session->delivered += s->octets;
                sessions_touch(r->sessions, session, now_ms);
        }
        if (!id)
                return; /* an address that nothing is known of: counted by the server, in nobody's story */

        struct trail_event e = {
                .kind = s->kind,
                .outcome = s->outcome,
                .at_ms = clock_unix_ms() - (int64_t)(now_ms - s->start_ms),
                .took_ms = (uint32_t)(s->end_ms - s->start_ms),
                .octets = s->octets,
                .size = s->size,
                .resent = s->resent,
        };
        (void)snprintf(e.what, sizeof(e.what), "%s", s->path);
        (void)snprintf(e.detail, sizeof(e.detail), "%s", s->detail);
        (void)snprintf(e.client, sizeof(e.client), "%s", boot_client_by_id(s->client)->name);
        tell(r, id, &e);
}

/* Whether something that goes on should be said again now. */
static bool is_due(uint64_t *last_ms, uint64_t now_ms) {
        if (*last_ms && now_ms - *last_ms < NOTE_EVERY_MS)
                return false;
        *last_ms = now_ms;
        return true;
}

void rack_note_journal_failure(struct rack *r) {
        int failure = lease_journal_failure(r->journal);
        if (is_due(&r->journal_failure_said_ms, clock_now_ms()))
                log_error("dhcp: the lease journal cannot be written, giving no address until it can", "why",
                          failure ? strerror(-failure) : "too many leases wait for the disk");
}

void rack_note_pool_empty(struct rack *r, const struct net *net) {
        char text[IP_NET_TEXT_SIZE];
        if (is_due(&r->pool_empty_said_ms, clock_now_ms()))
                log_warn("dhcp: no free address left, staying silent", "subnet",
                         ip_net_text(&net->subnet->net, text), "remedy",
                         "bramble subnet set CIDR --range A-B with more addresses, or a shorter --lease");
}

void rack_note_foreign(struct rack *r, const struct dhcp4_link *link, uint32_t server) {
        int64_t now_s = clock_unix_s();
        char ip[IP_TEXT_SIZE];

        for (size_t i = 0; i < r->n_foreign; i++) {
                struct foreign_server *f = &r->foreign[i];
                if (f->server == server && strcmp(f->interface, link->interface) == 0) {
                        f->last_s = now_s;
                        return;
                }
        }
        if (r->n_foreign == RACK_FOREIGN_MAX)
                return;
        struct foreign_server *f = &r->foreign[r->n_foreign++];
        *f = (struct foreign_server){ .server = server, .first_s = now_s, .last_s = now_s };
        memcpy(f->interface, link->interface, sizeof(f->interface));

        const struct net *net = nets_on(r->nets, link->interface);
        if (net && net->dhcp4.mode == DHCP4_SERVER)
                log_warn("dhcp: another DHCP server answers here: machines may get their address and boot "
                         "from it",
                         "server", ip4_text(server, ip), "interface", link->interface, "remedy",
                         "switch it off, or bramble subnet set CIDR --dhcp proxy");
        else
                log_info("dhcp: the other DHCP server here", "server", ip4_text(server, ip), "interface",
                         link->interface);
}

void rack_forget_silent(struct rack *r, uint64_t now_ms) {
        for (struct session *s;
             (s = sessions_oldest(r->sessions)) && now_ms - s->last_ms >= SESSION_SILENT_MS;) {
                rack_leave_address(r, s);
                trail_finish(r->trail, s->ask.session, clock_unix_ms());
                sessions_remove(r->sessions, s);
        }
}
