/* The boots that a restart broke into; see remember.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/remember.h"

#include <errno.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/log.h"

enum { BOOT_S = 15 * 60 }; /* the longest boot that a restart shall not disturb */

/* ---- leases ---- */

/* Who was given an address a moment ago may be in the middle of its boot, whatever became of its story. */
static int remember_address(void *ctx, const struct lease *l) {
        struct rack *r = ctx;
        const struct net *net = nets_of(r->nets, l->addr);
        int64_t now_s = lease_clock_s(&r->lease_clock, clock_now_ms());

        if (!net || l->state != LEASE_BOUND || !lease_is_active(l, now_s) || now_s - l->granted_s > BOOT_S)
                return 0;
        const struct boot_ask ask = {
                .mac = l->client.mac,
                .client_ip = ip_from_v4(l->addr),
                .subnet = net->subnet->net.addr,
        };
        return presences_set(r->presences, &ask);
}

/* ---- stories ---- */

/* Which firmware a story is of: of its first event, or of the newest. */
static enum boot_client_id firmware_of(const struct trail_session *t, bool newest) {
        for (size_t i = 0; i < t->n_events; i++) {
                const struct trail_event *e = &t->events[newest ? t->n_events - 1 - i : i];
                const struct boot_client *client = boot_client_by_name(e->client);
                if (client && client->is_firmware)
                        return client->id;
        }
        return CLIENT_OTHER;
}

/* Whether somebody else has its address now. */
static bool lost_address(const struct rack *r, const struct trail_session *t) {
        const struct lease *l = lease_find_addr(r->leases, ip_to_v4(&t->ip));
        return l && lease_is_active(l, lease_clock_s(&r->lease_clock, clock_now_ms())) &&
               !mac_equal(&l->client.mac, &t->mac);
}

static bool fetched_ramdisk(const struct trail_session *t) {
        for (size_t i = 0; i < t->n_events; i++) {
                const struct trail_event *e = &t->events[i];
                if (e->outcome == TRAIL_OK && e->octets > 0 && session_is_ramdisk(e->what))
                        return true;
        }
        return false;
}

/* How far an update of its EEPROM is: what was fetched and never read with a restart between was not taken.
 */
static enum session_eeprom eeprom_of(const struct trail_session *t) {
        enum session_eeprom ret = SESSION_EEPROM_NOTHING;

        for (size_t i = 0; i < t->n_events; i++) {
                const struct trail_event *e = &t->events[i];
                if (e->outcome == TRAIL_OK && e->size && e->octets == e->size &&
                    text_ends_with(e->what, "pieeprom.upd"))
                        ret = SESSION_EEPROM_FETCHED;
                else if (ret == SESSION_EEPROM_FETCHED && e->kind == TRAIL_DHCP &&
                         strcmp(e->what, "DISCOVER") == 0)
                        ret = SESSION_EEPROM_RESTARTED;
        }
        return ret;
}

static int resume(struct rack *r, const struct trail_session *t) {
        const struct net *net = ip_is_set(&t->ip) ? nets_of(r->nets, ip_to_v4(&t->ip)) : NULL;
        struct session *s = sessions_resume(r->sessions, &t->mac, firmware_of(t, false), clock_now_ms());

        if (!s)
                return -ENOMEM;
        s->ask.client = firmware_of(t, true);
        s->ask.session = t->id;
        s->ask.has_ramdisk = fetched_ramdisk(t);
        s->eeprom = eeprom_of(t);
        tokens_make(&r->token_key, &s->ask);
        const struct machine *m = who_machine(r->nets->site, &s->ask);
        if (m)
                sessions_keep(r->sessions, s);
        if (!net || lost_address(r, t))
                return 0;
        s->ask.client_ip = t->ip;
        s->ask.subnet = net->subnet->net.addr;
        return presences_set(r->presences, &s->ask);
}

struct stories {
        struct rack *rack;
        struct map *seen; /* MACs: only the newest story of each can be going on */
};

static int remember_story(void *ctx, const struct trail_session *t) {
        const struct stories *all = ctx;

        if (mac_is_zero(&t->mac) || map_get(all->seen, t->mac.octets, sizeof(t->mac.octets)))
                return 0;
        if (map_put(all->seen, t->mac.octets, sizeof(t->mac.octets), all->rack, NULL) < 0)
                return -ENOMEM;
        return t->is_over || sessions_is_full(all->rack->sessions) ? 0 : resume(all->rack, t);
}

void rack_remember(struct rack *r) {
        CLEANUP(map_free_at) struct map *seen = map_new(random_hash_key());
        struct stories all = { .rack = r, .seen = seen };

        if (!seen || lease_each(r->leases, remember_address, r) < 0 ||
            trail_each(r->trail, remember_story, &all) < 0)
                log_warn("site: out of memory, some boots that a restart broke into are not recognised");
}
