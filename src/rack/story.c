/* The rack tells the trail; see story.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/story.h"

#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "io/log.h"
#include "rack/address.h"
#include "rack/agents.h"
#include "rack/capture.h"
#include "rack/contradiction.h"
#include "rack/eeprom.h"
#include "rack/follow.h"
#include "rack/notice.h"
#include "rack/token.h"
#include "rack/wire.h"

enum {
        NOTE_SIZE = 256,
        SERVED_BATCH = 256,

        /* A session that says nothing for this long is only history: its address and neighbour entry go. */
        SESSION_SILENT_MS = 15 * 60 * 1000,
};

static const char *machine_name(const struct machine *m) {
        return m ? m->name : "";
}

/* ---- sessions ---- */

void rack_end_session(struct rack *r, struct session *s) {
        rack_leave_address(r, s);
        trail_end(r->trail, s->ask.session);
        sessions_remove(r->sessions, s);
}

void rack_vouch_for(struct rack *r, const struct mac *mac) {
        struct session *s = sessions_find(r->sessions, mac);

        if (s)
                sessions_keep(r->sessions, s);
        sightings_keep(r->sightings, mac);
}

struct session *rack_begin_session(struct rack *r, const struct mac *mac, enum boot_client_id client,
                                   const struct machine *machine, uint64_t now_ms) {
        struct session *old = sessions_find(r->sessions, mac);
        char text[MAC_TEXT_SIZE];

        if (old) {
                rack_leave_address(r, old);
                trail_end(r->trail, old->ask.session);
        } else if (sessions_is_full(r->sessions)) {
                rack_end_session(r, sessions_spare(r->sessions));
        }
        struct session *s = sessions_begin(r->sessions, mac, client, now_ms);
        if (!s)
                return NULL;
        if (machine)
                rack_vouch_for(r, mac);
        s->ask.session = trail_begin(r->trail, mac, machine_name(machine), clock_unix_ms());
        tokens_make(&r->token_key, &s->ask);
        s->named_at = site_revision(r->nets->site);
        if (rack_may_log(r, machine, now_ms))
                log_info("boot: begins", "machine", machine_name(machine), "mac", mac_text(mac, text),
                         "client", boot_client_by_id(client)->name);
        return s;
}

void rack_name_session(struct rack *r, struct session *s) {
        if (s->named_at == site_revision(r->nets->site))
                return;
        const struct machine *m = who_machine(r->nets->site, &s->ask);
        s->named_at = site_revision(r->nets->site);
        trail_set_machine(r->trail, s->ask.session, machine_name(m));
        if (m)
                rack_vouch_for(r, &s->ask.mac);
}

/* ---- events ---- */

void rack_tell(struct rack *r, uint64_t session, const struct trail_event *e) {
        trail_add(r->trail, session, e);
        follow_moved(r->follow);
}

static void note(struct rack *r, uint64_t session, enum trail_outcome outcome, const char *what,
                 size_t what_len, const char *detail) {
        struct trail_event e = { .kind = TRAIL_NOTE, .outcome = outcome, .at_ms = clock_unix_ms() };

        (void)snprintf(e.what, sizeof(e.what), "%.*s",
                       (int)(what_len < sizeof(e.what) ? what_len : sizeof(e.what) - 1), what);
        (void)snprintf(e.detail, sizeof(e.detail), "%s", detail);
        rack_tell(r, session, &e);
}

/* Both parts have their room. */
void rack_note(struct rack *r, uint64_t session, enum trail_outcome outcome, const char *sentence) {
        const char *colon = strstr(sentence, ": ");
        note(r, session, outcome, sentence, colon ? (size_t)(colon - sentence) : strlen(sentence),
             colon ? colon + 2 : "");
}

/* Once a session: boards repeat what does not fit with every packet. */
static bool tell_once(struct session *s, enum session_told what) {
        const bool is_first = !(s->told & what);

        s->told |= what;
        return is_first;
}

/* Somebody shall look who this is. */
static void note_identity(struct rack *r, struct session *s, enum session_told what, const char *sentence) {
        if (tell_once(s, what))
                note(r, s->ask.session, TRAIL_FAILED, TRAIL_IDENTITY, strlen(TRAIL_IDENTITY), sentence);
}

static void note_refusal(struct rack *r, const struct session *s, const char *sentence) {
        char mac[MAC_TEXT_SIZE];

        rack_note(r, s->ask.session, TRAIL_FAILED, sentence);
        log_warn("boot: not started", "machine", machine_name(who_machine(r->nets->site, &s->ask)), "mac",
                 mac_text(&s->ask.mac, mac), "why", sentence);
}

/* ---- DHCP ---- */

static void describe_answer(const struct dhcp4_answer *a, const struct meeting *m, char *buf, size_t size) {
        char ip[IP_TEXT_SIZE];

        if (a->type == DHCP4_NONE)
                (void)snprintf(buf, size, "no answer: %s",
                               m->why_no_address ? m->why_no_address
                               : a->why          ? a->why
                                                 : "none is due");
        else if (a->is_proxy)
                (void)snprintf(buf, size, "boot offer beside the other server%s",
                               m->why_no_boot ? TRAIL_NOT_BOOTED : "");
        else if (a->type == DHCP4_NAK)
                (void)snprintf(buf, size, "NAK %s: %s", ip4_text(a->addr, ip), a->why ? a->why : "");
        else
                (void)snprintf(buf, size, "%s %s%s", dhcp4_type_name(a->type), ip4_text(a->addr, ip),
                               a->boot && !a->boot->is_bootable && m->client->is_firmware ? TRAIL_NO_BOOT
                                                                                          : "");
}

/* The operating system has its address, from us or from the server beside us: firmware's part is over. */
static bool is_last_stage(const struct meeting *m, const struct dhcp4_answer *a) {
        return m->client->id == CLIENT_OTHER && (a->type == DHCP4_ACK || (m->net->dhcp4.mode == DHCP4_PROXY &&
                                                                          m->packet->type == DHCP4_REQUEST));
}

/* Why this machine does not boot; NULL: it does. */
static const char *why_not(const struct meeting *m) {
        return m->why_no_address ? m->why_no_address : m->why_no_boot;
}

static void tell_sighting(struct rack *r, const struct meeting *m, const struct dhcp4_answer *a) {
        struct sighting *s = sightings_see(r->sightings, &m->packet->mac, clock_unix_s());
        const char *why = why_not(m);

        if (!s)
                return;
        if (a->addr && a->type == DHCP4_ACK && !a->is_proxy) {
                s->ip = ip_from_v4(a->addr);
                s->source = SIGHTING_LEASE;
        }
        if (m->client->is_firmware)
                (void)snprintf(s->why, sizeof(s->why), "%s", why ? why : "");
}

static void tell_exchange(struct rack *r, const struct meeting *m, const struct dhcp4_answer *a) {
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
        rack_tell(r, m->session->ask.session, &e);
}

static void tell_same_serial(struct rack *r, const struct meeting *m) {
        char sentence[NOTE_SIZE], mac[MAC_TEXT_SIZE];

        (void)snprintf(sentence, sizeof(sentence),
                       "%s says serial %08x as well: two boards have one serial, or one says another's",
                       mac_text(&m->same_serial, mac), m->session->ask.serial);
        note_identity(r, m->session, SESSION_TOLD_SERIAL, sentence);
}

/* What the exchange says beyond itself. */
static void tell_findings(struct rack *r, const struct meeting *m, uint64_t now_ms) {
        struct session *s = m->session;
        const char *why = why_not(m);
        char mac[MAC_TEXT_SIZE];

        if (m->names_other_mac && tell_once(s, SESSION_TOLD_MAC))
                rack_note(
                        r, s->ask.session, TRAIL_FAILED,
                        "option 97 names another MAC than the sender's: MAC_ADDRESS is set in its EEPROM, or "
                        "something pretends to be this board");
        if (m->contradiction)
                note_identity(r, s, SESSION_TOLD_IDENTITY, m->contradiction);
        else if (!mac_is_zero(&m->same_serial))
                tell_same_serial(r, m);
        if (m->destiny)
                rack_note(r, s->ask.session, TRAIL_OK, m->destiny);
        if (m->packet->type != DHCP4_DISCOVER || !why)
                return;
        if (m->why_no_boot)
                rack_note(r, s->ask.session, TRAIL_IGNORED, why);
        if (m->is_new_session && rack_may_log(r, m->machine, now_ms))
                log_info("boot: nothing to boot", "machine", machine_name(m->machine), "mac",
                         mac_text(&m->packet->mac, mac), "why", why);
}

void rack_tell_dhcp(struct rack *r, const struct meeting *m, const struct dhcp4_answer *a, uint64_t now_ms) {
        struct session *s = m->session;
        bool is_last = is_last_stage(m, a);
        char mac[MAC_TEXT_SIZE];

        tell_sighting(r, m, a);
        if (m->machine || a->ticket)
                rack_vouch_for(r, &m->packet->mac);
        if (is_last)
                rack_report_system(r, m, a);
        if (!s)
                return;
        rack_name_session(r, s);
        captures_add(r->captures, s->ask.session, m->machine, m->packet, clock_unix_ms());
        if (m->packet->type == DHCP4_DISCOVER && m->client->is_firmware)
                rack_watch_restart(s);
        if (m->refused[0])
                note_refusal(r, s, m->refused);
        tell_exchange(r, m, a);
        tell_findings(r, m, now_ms);
        if (m->client->one_at_a_time && m->packet->type == DHCP4_DISCOVER)
                rack_hear_rom(r, m, now_ms);
        if (is_last && !session_is_of_agent(s)) {
                s->is_finished = true;
                trail_finish(r->trail, s->ask.session, clock_unix_ms());
                log_info("boot: the operating system is up", "machine", machine_name(m->machine), "mac",
                         mac_text(&m->packet->mac, mac));
        }
}

/* ---- files ---- */

/* The session of a client without DHCP: it begins with its first request. */
static struct session *session_without_dhcp(struct rack *r, const struct served *s, uint64_t now_ms) {
        struct session *session = sessions_find(r->sessions, &s->mac);
        struct sighting *sighting = sightings_see(r->sightings, &s->mac, clock_unix_s());

        if (sighting && s->source != SIGHTING_NONE) {
                sighting->ip = s->ip;
                sighting->source = s->source;
        }
        if (session && !session_is_silent(session, now_ms))
                return session;
        const struct machine *m = site_machine_by_mac(r->nets->site, &s->mac);
        session = rack_begin_session(r, &s->mac, s->client, m, now_ms);
        if (session)
                trail_set_ip(r->trail, session->ask.session, &s->ip);
        return session;
}

static void tell_transfer(struct rack *r, uint64_t session, const struct served *s, uint64_t now_ms) {
        struct trail_event e = {
                .kind = s->kind,
                .outcome = s->outcome,
                .at_ms = clock_unix_ms() - (int64_t)(now_ms - s->start_ms),
                .took_ms = (uint32_t)(s->end_ms - s->start_ms),
                .octets = s->octets,
                .size = s->size,
                .resent = s->resent,
                .blksize = s->blksize,
        };

        (void)snprintf(e.what, sizeof(e.what), "%s", s->path);
        (void)snprintf(e.detail, sizeof(e.detail), "%s", s->detail);
        (void)snprintf(e.client, sizeof(e.client), "%s", boot_client_by_id(s->client)->name);
        rack_tell(r, session, &e);
}

/*
 * The agent in boot.img is the same for every board of its kind and has no token: it is known by its address,
 * which fetched that volume in this boot. A volume that came in parts counts by its last
 * one.
 */
static void note_ramdisk(struct rack *r, struct session *session, const struct served *s) {
        if (session->ask.has_ramdisk || s->outcome != TRAIL_OK || s->octets == 0 ||
            !session_is_ramdisk(s->path))
                return;
        session->ask.has_ramdisk = true;
        if (ip_is_set(&session->ask.client_ip) && presences_set(r->presences, &session->ask) < 0)
                session->ask.has_ramdisk =
                        false; /* out of memory: its agent is refused, and it boots again */
}

/* What a request says about the boot that it belongs to. */
static void take_request(struct rack *r, struct session *session, const struct served *s, uint64_t now_ms) {
        char sentence[NOTE_SIZE];

        session->delivered += s->octets;
        if (s->octets > 0)
                rack_vouch_for(r, &s->mac);
        sessions_touch(r->sessions, session, now_ms);
        rack_name_session(r, session);
        rack_watch_eeprom(r, session, s);
        note_ramdisk(r, session, s);
        enum refusal what = refusal_on_file(&session->refusal, s->path, s->is_whole, now_ms);
        if (what != REFUSAL_NONE)
                note_refusal(r, session,
                             refusal_sentence(what, session->refusal.loader, sentence, sizeof(sentence)));
        if (!(session->told & SESSION_TOLD_PATH) &&
            contradiction_in_path(r->nets->site, &session->ask, s->path, sentence, sizeof(sentence)))
                note_identity(r, session, SESSION_TOLD_PATH, sentence);
}

void rack_tell_served(struct rack *r, const struct served *s, uint64_t now_ms) {
        struct session *session = mac_is_zero(&s->mac) ? NULL : sessions_find(r->sessions, &s->mac);

        r->checkup.tftp_received += s->kind == TRAIL_TFTP;
        if (s->kind == TRAIL_WIRE) {
                if (session && session->ask.session == s->session)
                        rack_hear_unasked(r, session, s->detail);
                return;
        }
        if (!s->session && !mac_is_zero(&s->mac))
                session = session_without_dhcp(r, s, now_ms);
        uint64_t id = s->session ? s->session : session ? session->ask.session : 0;
        if (!id)
                return; /* an address that nothing is known of: counted by the server, in nobody's story */
        tell_transfer(r, id, s, now_ms);
        if (session && session->ask.session == id)
                take_request(r, session, s, now_ms);
}

size_t rack_hear_served(struct rack *r, uint64_t now_ms) {
        struct served batch[SERVED_BATCH];

        size_t n = queue_receive(r->served, batch, SERVED_BATCH);
        for (size_t i = 0; i < n; i++)
                rack_tell_served(r, &batch[i], now_ms);
        return n;
}

/* ---- silence ---- */

struct silence {
        struct rack *rack;
        uint64_t now_ms;
};

static void look_at(void *ctx, struct session *s) {
        const struct silence *silence = ctx;
        char sentence[NOTE_SIZE];

        enum refusal what = refusal_on_time(&s->refusal, silence->now_ms);
        if (what != REFUSAL_NONE)
                note_refusal(silence->rack, s,
                             refusal_sentence(what, s->refusal.loader, sentence, sizeof(sentence)));
        rack_look_at_agent(silence->rack, s, silence->now_ms);
        if (silence->now_ms - s->last_ms >= SESSION_SILENT_MS)
                rack_end_session(silence->rack, s);
}

void rack_tell_silence(struct rack *r, uint64_t now_ms) {
        sessions_each(r->sessions, look_at, &(struct silence){ r, now_ms });
}
