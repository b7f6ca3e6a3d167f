/* What the API asks of the rack; see rack.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "rack/capture.h"
#include "rack/https.h"
#include "rack/state.h"

/*
 * Rows of a list that are looked at in one go, a few tenths of a millisecond of work. Longer lists take more
 * goes: between two of them the control thread answers DHCP.
 */
enum { ROWS_AT_ONCE = 1024 };

bool rack_each_lease(struct rack *r, uint32_t *at, bool (*fn)(void *ctx, const struct lease *l), void *ctx) {
        const struct lease *l = lease_after(r->leases, *at);

        for (size_t i = 0; l && i < ROWS_AT_ONCE; i++, l = lease_next(l)) {
                if (!fn(ctx, l))
                        return false;
                *at = l->addr;
        }
        return l;
}

static bool is_registered(const struct rack *r, const struct sighting *s) {
        const struct boot_ask ask = { .mac = s->known.mac,
                                      .has_serial = s->pi.has_serial,
                                      .serial = s->pi.serial };
        return who_machine(r->nets->site, &ask);
}

bool rack_each_stranger(struct rack *r, struct mac *at, bool (*fn)(void *ctx, const struct sighting *s),
                        void *ctx) {
        const struct sighting *s = sightings_after(r->sightings, at);

        for (size_t i = 0; s && i < ROWS_AT_ONCE; i++, s = sighting_next(s)) {
                if (!is_registered(r, s) && !fn(ctx, s))
                        return false;
                *at = s->known.mac;
        }
        return s;
}

static bool is_boot_of(const struct trail_session *s, const char *machine, const struct mac *mac) {
        return machine ? strcmp(s->machine, machine) == 0 : mac_equal(&s->mac, mac);
}

bool rack_each_boot(struct rack *r, const char *machine, const struct mac *mac, uint64_t *at,
                    bool (*fn)(void *ctx, const struct trail_session *s), void *ctx) {
        for (size_t i = 0; i < ROWS_AT_ONCE; i++) {
                const struct trail_session *s = trail_before(r->trail, *at);
                if (!s)
                        return false;
                *at = s->id;
                if (is_boot_of(s, machine, mac))
                        return fn(ctx, s);
        }
        return true;
}

size_t rack_each_message(struct rack *r, const struct mac *mac,
                         bool (*fn)(void *ctx, int64_t at_ms, const uint8_t *octets, size_t len), void *ctx) {
        return captures_each(r->captures, mac, fn, ctx);
}

const struct trail *rack_trail(const struct rack *r) {
        return r->trail;
}

static void count_agent(void *ctx, struct session *s) {
        uint64_t *n = ctx;
        *n += s->agent.is_up && !s->agent.is_silent && !s->agent.has_left;
}

static unsigned n_waiting(struct http_server *s) {
        return s ? http_server_waiting(s) : 0;
}

void rack_status(struct rack *r, void (*fn)(void *ctx, const char *name, uint64_t value), void *ctx) {
        struct dhcp4_counters dhcp;
        struct lease_journal_counters journal;
        uint64_t n_agents = 0;

        dhcp4_server_counters(r->dhcp4, &dhcp);
        lease_journal_counters(r->journal, &journal);
        sessions_each(r->sessions, count_agent, &n_agents);
        const struct {
                const char *name;
                uint64_t value;
        } rows[] = {
                { "site.revision", site_revision(r->nets->site) },
                { "site.machines", site_n_machines(r->nets->site) },
                { "dhcp.received", dhcp.received },
                { "dhcp.offers", dhcp.offers },
                { "dhcp.acks", dhcp.acks },
                { "dhcp.naks", dhcp.naks },
                { "dhcp.proxied", dhcp.proxied },
                { "dhcp.ignored", dhcp.ignored },
                { "dhcp.malformed", dhcp.malformed },
                { "dhcp.dropped_old", dhcp.dropped_old },
                { "dhcp.send_failed", dhcp.send_failed },
                { "leases.known", lease_count(r->leases) },
                { "journal.records", journal.records },
                { "journal.syncs", journal.syncs },
                { "journal.compactions", journal.compactions },
                { "clients.present", presences_len(r->presences) },
                { "trail.lost", queue_lost(r->served) },
                { "agents.up", n_agents },
                { "agents.waiting", n_waiting(r->http) + n_waiting(r->https) },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                fn(ctx, rows[i].name, rows[i].value);
}

void rack_each_problem(struct rack *r, void (*fn)(void *ctx, const char *sentence), void *ctx) {
        char sentence[400], ip[IP_TEXT_SIZE], net_text[IP_NET_TEXT_SIZE];

        for (size_t i = 0; i < r->n_foreign; i++) {
                const struct foreign_server *f = &r->foreign[i];
                const struct net *net = nets_on(r->nets, f->interface);
                if (!net || net->dhcp4.mode != DHCP4_SERVER ||
                    clock_unix_s() - f->last_s > RACK_FOREIGN_NEWS_S)
                        continue;
                (void)snprintf(sentence, sizeof(sentence),
                               "another DHCP server, %s, answers on %s: machines may get their address and "
                               "boot from it; switch it "
                               "off, or use: bramble subnet set %s --dhcp proxy",
                               ip4_text(f->server, ip), f->interface,
                               ip_net_text(&net->subnet->net, net_text));
                fn(ctx, sentence);
        }
        for (size_t i = 0; i < r->n_problems; i++)
                fn(ctx, r->problems[i]);
        if (lease_journal_failure(r->journal) < 0)
                fn(ctx, "the lease journal cannot be written: no address is given until it can; is the disk "
                        "full?");
}

/* Our address for a subnet: the one in it, else the first link's, which relays know; 0: none yet. */
static uint32_t server_for(const struct rack *r, const struct subnet *s) {
        for (size_t i = 0; i < r->nets->n; i++)
                if (r->nets->items[i].subnet == s && r->nets->items[i].dhcp4.server)
                        return r->nets->items[i].dhcp4.server;
        return r->n_links ? r->links[0].server : 0;
}

/* The firmware that a machine probably asks with, where nothing was seen of it yet: as registered, else a
 * Pi's by its MAC. */
static enum boot_client_id usual_client(const struct site *site, const struct machine *m,
                                        const struct mac *mac) {
        const struct image *image = m ? site_image(site, m->image) : NULL;
        const struct boot_client *c = m ? boot_client_expected(site_boards(site), m, image) : NULL;

        if (c)
                return c->id;
        return (!m || m->arch == ARCH_NONE) && pi_mac_is_pi(site_boards(site), mac) ? CLIENT_PI_OTHER
                                                                                    : CLIENT_OTHER;
}

/* The subnet of an address; without one the first that is served, else the first there is. */
static const struct subnet *subnet_for(const struct rack *r, const struct ip_addr *ip) {
        const struct site *site = r->nets->site;
        const struct subnet *subnet = ip_is_set(ip) ? site_subnet_of(site, ip) : NULL;
        const struct net *first = r->n_links ? nets_on(r->nets, r->links[0].interface) : NULL;

        if (!subnet && first)
                subnet = first->subnet;
        return subnet || site_n_subnets(site) == 0 ? subnet : site_subnet(site, 0);
}

/* What is known of a machine beyond what it says itself at the moment. */
static void complete_ask(const struct machine *machine, const struct sighting *seen, struct boot_ask *ask) {
        if (seen && seen->pi.has_serial && !ask->has_serial) {
                ask->has_serial = true;
                ask->serial = seen->pi.serial;
                ask->revision = seen->pi.revision;
        }
        if (machine && machine->has_serial && !ask->has_serial) {
                ask->has_serial = true;
                ask->serial = machine->serial;
        }
        if (ip_is_set(&ask->client_ip))
                return;
        if (machine && ip_is_set(&machine->ip))
                ask->client_ip = machine->ip;
        else if (seen)
                ask->client_ip = seen->ip;
}

/* The MAC that a machine is known by: as asked, as registered, or as a board with its serial was seen with.
 */
static struct mac mac_of(const struct rack *r, const struct machine *m, const struct mac *asked) {
        if (!m || !mac_is_zero(asked))
                return *asked;
        if (m->n_macs)
                return m->macs[0];
        const struct sighting *s = m->has_serial ? sightings_find_serial(r->sightings, m->serial) : NULL;
        return s ? s->known.mac : *asked;
}

bool rack_ask_for(struct rack *r, const struct machine *machine, const struct mac *mac,
                  enum boot_client_id client, struct boot_ask *ret) {
        const struct mac known = mac_of(r, machine, mac);
        const struct session *session = sessions_find(r->sessions, &known);
        const struct sighting *seen = sightings_find(r->sightings, &known);
        struct boot_ask ask = session ? session->ask : (struct boot_ask){ .mac = known };

        complete_ask(machine, seen, &ask);
        const struct subnet *subnet = subnet_for(r, &ask.client_ip);
        if (!subnet)
                return false;
        uint32_t server = server_for(r, subnet);
        if (server)
                ask.server = ip_from_v4(server);
        if (!session && seen)
                ask.client = seen->client;
        ask.is_supposed = ask.client == CLIENT_OTHER || (client != CLIENT_OTHER && client != ask.client);
        if (client != CLIENT_OTHER)
                ask.client = client;
        else if (ask.client == CLIENT_OTHER)
                ask.client = usual_client(r->nets->site, machine, &ask.mac);
        https_say(r, &ask);
        ask.subnet = subnet->net.addr;
        *ret = ask;
        return true;
}

uint64_t rack_news_mark(struct rack *r) {
        return follow_mark(r->follow);
}

void rack_news_wait(struct rack *r, uint64_t mark, unsigned wait_ms) {
        follow_wait(r->follow, mark, wait_ms);
}

void rack_news_stop(struct rack *r) {
        follow_stop(r->follow);
}
