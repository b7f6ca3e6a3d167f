/* A rack without sockets; see rack_world.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include "rack_world.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/rsa_new.h"
#include "io/tree.h"
#include "rack/address.h"
#include "rack/capture.h"
#include "rack/dhcp.h"
#include "rack/served.h"

static const struct {
        const char *net, *interface, *first, *last;
        enum subnet_dhcp dhcp;
        enum subnet_unknown unknown;
} subnets[] = {
        { "10.77.0.0/24", "eth1", "10.77.0.10", "10.77.0.12", SUBNET_DHCP_SERVER, SUBNET_UNKNOWN_DISCOVER },
        { "10.78.0.0/24", "eth2", NULL, NULL, SUBNET_DHCP_PROXY, SUBNET_UNKNOWN_DISCOVER },
        { "10.79.0.0/24", "", "10.79.0.10", "10.79.0.20", SUBNET_DHCP_SERVER, SUBNET_UNKNOWN_DISCOVER },
        { "10.80.0.0/24", "eth3", "10.80.0.10", "10.80.0.10", SUBNET_DHCP_SERVER, SUBNET_UNKNOWN_DISCOVER },
        { "10.81.0.0/24", "eth3", "10.81.0.10", "10.81.0.10", SUBNET_DHCP_SERVER, SUBNET_UNKNOWN_DISCOVER },
        { "10.82.0.0/24", "eth4", "10.82.0.10", "10.82.0.20", SUBNET_DHCP_SERVER, SUBNET_UNKNOWN_REFUSE },
        { "127.0.0.0/8", "", NULL, NULL, SUBNET_DHCP_SERVER, SUBNET_UNKNOWN_ENLIST },
};

static struct ip_addr ip(const char *text) {
        struct ip_addr a;
        assert(ip_parse(text, &a) == 0);
        return a;
}

/* What links_update() does when the interfaces have these addresses. */
static void publish(struct rack_world *w) {
        struct nets *nets = nets_new(w->site);
        assert(nets);
        nets_free(w->rack.nets);
        w->rack.nets = nets;
        for (size_t i = 0; i < nets->n; i++)
                if (nets->items[i].subnet->interface[0])
                        nets->items[i].dhcp4.server = nets->items[i].dhcp4.addr + 1;
}

static void advance(struct rack_world *w, struct site *next) {
        assert(next);
        site_drop(w->site);
        w->site = next;
}

static void add_subnets(struct rack_world *w) {
        for (size_t i = 0; i < ARRAY_LEN(subnets); i++) {
                CLEANUP(subnet_drop_at) struct subnet *s = subnet_new();
                assert(s && ip_net_parse(subnets[i].net, &s->net) == 0);
                s->id = 100 + i;
                s->dhcp = subnets[i].dhcp;
                s->unknown = subnets[i].unknown;
                s->lease_s = SUBNET_LEASE_S_DEFAULT;
                assert(text_copy(s->interface, sizeof(s->interface), subnets[i].interface) == 0);
                if (subnets[i].first)
                        s->ranges[s->n_ranges++] =
                                (struct subnet_range){ ip(subnets[i].first), ip(subnets[i].last) };
                advance(w, site_put_subnet(w->site, s, NULL));
        }
}

static void add_links(struct rack *r) {
        for (size_t i = 0; i < N_LINKS; i++) {
                struct dhcp4_link *l = &r->links[r->n_links++];
                *l = (struct dhcp4_link){ .ifindex = 1000 + (unsigned)i,
                                          .mac = { { 2, 0, 0, 0, 0xff, (uint8_t)i } } };
                (void)snprintf(l->interface, sizeof(l->interface), "eth%zu", i + 1);
                const struct net *net = nets_on(r->nets, l->interface);
                l->server = net->dhcp4.server;
                for (size_t n = 0; (net = nets_next_on(r->nets, l->interface, net)); n++)
                        l->others[n] = net->dhcp4.server;
        }
}

struct rack_world *rack_world_new(void) {
        struct rack_world *w = calloc(1, sizeof(*w));
        const struct hash_key key = { 1, 2 };
        const struct trail_limits limits = { 4096, 512, 8 << 20 };
        struct error err;

        assert(w);
        struct rack *r = &w->rack;
        (void)snprintf(w->dir, sizeof(w->dir), "/tmp/bramble-test-rack-XXXXXX");
        assert(mkdtemp(w->dir));
        w->files = boot_site_new();
        w->site = site_take(w->files->site);
        w->now_ms = clock_now_ms();
        r->lease_clock = lease_clock_new(clock_unix_ms(), w->now_ms);
        add_subnets(w);
        publish(w);
        add_links(r);
        r->config.http_port = 5248;
        r->neighbours = -1; /* no kernel's table: entries are not set */
        r->presences = presences_new();
        r->sessions = sessions_new(key, 64);
        r->sightings = sightings_new(key, 4096);
        r->captures = captures_new(key, 16);
        r->leases = lease_table_new(key);
        r->trail = trail_new(&limits);
        r->follow = follow_new();
        r->arena = arena_new(256 * 1024);
        r->served = queue_new(16, sizeof(struct served));
        r->hearing = hearing_new(16, 4 << 20);
        assert(r->hearing && r->served && r->presences && r->sessions && r->sightings && r->captures &&
               r->leases && r->trail && r->follow && r->arena);
        assert(lease_journal_open(w->dir, r->leases, &r->journal, &err) == 0);
        return w;
}

void rack_world_free(struct rack_world *w) {
        struct rack *r = &w->rack;

        lease_journal_close(r->journal);
        lease_table_free(r->leases);
        presences_free(r->presences);
        sessions_free(r->sessions);
        sightings_free(r->sightings);
        captures_free(r->captures);
        trail_free(r->trail);
        follow_free(r->follow);
        arena_free(r->arena);
        queue_free(r->served);
        hearing_free(r->hearing);
        nets_free(r->nets);
        site_drop(w->site);
        boot_site_free(w->files);
        assert(tree_remove(AT_FDCWD, w->dir) == 0);
        free(w);
}

/* As the store names it. */
static void write_blob(const char *dir, const struct blob_source *blobs, const struct blob_id *id) {
        char hex[2 * SHA256_SIZE + 1], path[256];
        int error = 0;
        CLEANUP(blob_drop_at) struct blob *blob = blobs->open(blobs->ctx, id, &error);
        CLEANUP(free_at) char *octets = blob ? malloc(blob->size + 1) : NULL;

        assert(octets && blob->read(blob, 0, octets, blob->size) == 0);
        (void)text_hex(id->octets, sizeof(id->octets), hex);
        (void)snprintf(path, sizeof(path), "%s/%.2s", dir, hex);
        (void)mkdir(path, 0700);
        (void)snprintf(path, sizeof(path), "%s/%.2s/%s", dir, hex, hex + 2);
        FILE *file = fopen(path, "we");
        assert(file && fwrite(octets, 1, blob->size, file) == blob->size && fclose(file) == 0);
}

struct stocking {
        const struct rack_world *world;
        char dir[80];
};

static int stock(void *ctx, const struct image *i) {
        const struct stocking *s = ctx;

        for (size_t f = 0; f < i->n_files; f++)
                write_blob(s->dir, &s->world->files->blobs, &i->files[f].blob);
        return 0;
}

struct store *rack_world_store(const struct rack_world *w) {
        struct stocking s = { .world = w };
        struct store *store = NULL;
        struct error error;

        (void)snprintf(s.dir, sizeof(s.dir), "%s/store", w->dir);
        assert(store_open(s.dir, &store, &error) == 0);
        assert(site_each_image(w->site, stock, &s) == 0);
        return store;
}

static void write_text(const struct rack_world *w, const char *name, const char *text) {
        char path[128];

        (void)snprintf(path, sizeof(path), "%s/%s", w->dir, name);
        FILE *file = fopen(path, "we");
        assert(file && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, 0700) == 0);
}

struct keyring *rack_world_keys(const struct rack_world *w) {
        CLEANUP(free_at) char *script = NULL, *pem = NULL;
        struct keyring *keys = NULL;
        struct signing_key key;
        struct error error;

        assert(asprintf(&script, "#!/bin/sh\nuntil [ -e %s/go ]; do sleep 0.05; done\nexit 1\n", w->dir) > 0);
        write_text(w, "slow", script);
        assert(keyring_open(w->dir, w->dir, &keys, &error) == 0);
        const struct signing_key_keeper keeper = keyring_keeper(keys);
        assert(rsa_key_make(&pem, &error) == 0);
        assert(keeper.add(keeper.ctx, "far", NULL, "slow", pem, &key, &error) == 0);
        return keys;
}

void rack_world_let_signer(const struct rack_world *w) {
        write_text(w, "go", "");
}

static struct dhcp4_arrival arrival(const struct rack_world *w, size_t link, const struct saying *s) {
        return (struct dhcp4_arrival){ .link = &w->rack.links[link],
                                       .links = w->rack.links,
                                       .n_links = w->rack.n_links,
                                       .src = s->ciaddr,
                                       .src_port = DHCP4_PORT_CLIENT,
                                       .port = DHCP4_PORT_SERVER };
}

enum dhcp4_type rack_world_says(struct rack_world *w, size_t link, const struct saying *s) {
        const struct dhcp4_arrival from = arrival(w, link, s);

        client_says(s, w->asked_octets, &w->asked);
        dhcp4_answer(&rack_dhcp_backend, &w->rack, &from, &w->asked, w->now_ms, w->octets, &w->answer);
        w->reply = (struct dhcp4_packet){};
        if (w->answer.len)
                assert(dhcp4_packet_parse(w->octets, w->answer.len, &w->reply) == 0);
        return w->answer.type;
}

void rack_world_overhears(struct rack_world *w, size_t link, const struct saying *s) {
        const struct dhcp4_arrival from = arrival(w, link, s);

        client_says(s, w->asked_octets, &w->asked);
        dhcp4_overhear(&rack_dhcp_backend, &w->rack, &from, &w->asked, w->now_ms);
}

void rack_world_register(struct rack_world *w, const struct registered *m) {
        CLEANUP(machine_drop_at) struct machine *machine = machine_new();
        struct error err = {};

        assert(machine && text_copy(machine->name, sizeof(machine->name), m->name) == 0);
        machine->id = 1000 + site_revision(w->site);
        if (m->mac)
                assert(mac_parse(m->mac, &machine->macs[machine->n_macs++]) == 0);
        machine->has_serial = m->serial != 0;
        machine->serial = m->serial;
        machine->has_uuid = m->uuid;
        if (m->uuid)
                assert(text_parse_hex(m->uuid, machine->uuid, sizeof(machine->uuid)) == 0);
        if (m->client_id) {
                machine->client_id_len = (uint8_t)(strlen(m->client_id) / 2);
                assert(text_parse_hex(m->client_id, machine->client_id, machine->client_id_len) == 0);
        }
        if (m->ip)
                machine->ip = ip(m->ip);
        if (m->image)
                assert(text_copy(machine->image, sizeof(machine->image), m->image) == 0);
        machine_declare(machine);
        struct site *next = site_put_machine(w->site, machine, &err);
        if (!next)
                (void)fprintf(stderr, "%s\n", err.text);
        advance(w, next);
        publish(w);
}

void rack_world_live(struct rack_world *w, const char *name, const struct becomes *b) {
        CLEANUP(machine_drop_at) struct machine *m = machine_copy(site_machine_by_name(w->site, name));

        assert(m);
        m->state = b->state;
        m->root = b->root;
        m->boots_own = b->boots_own;
        m->require_trusted = b->require_trusted;
        free(m->seed);
        m->seed = b->seed ? strdup(b->seed) : NULL;
        free(m->run);
        m->run = b->run ? strdup(b->run) : NULL;
        free(m->reason);
        m->reason = b->reason ? strdup(b->reason) : NULL;
        m->task_id += b->task != NULL || m->task != NULL;
        free(m->task);
        m->task = NULL;
        if (b->task)
                assert(asprintf(&m->task, "{\"id\":%d,%s}", (int)m->task_id, b->task) > 0);
        m->has_token = b->token;
        if (b->token)
                sha256_of(b->token, strlen(b->token), m->token_hash);
        advance(w, site_put_machine(w->site, m, NULL));
        publish(w);
}

void rack_world_delete(struct rack_world *w, const char *name) {
        advance(w, site_remove_machine(w->site, name, NULL));
        publish(w);
}

const char *rack_world_story(struct rack_world *w, const char *mac, char *buf, size_t size) {
        struct mac m;
        size_t len = 0;

        buf[0] = 0;
        assert(mac_parse(mac, &m) == 0);
        const struct trail_session *s = trail_newest(w->rack.trail, &m);
        for (size_t i = 0; s && i < s->n_events && len < size; i++)
                len += (size_t)snprintf(buf + len, size - len, "%s|%s\n", s->events[i].what,
                                        s->events[i].detail);
        return buf;
}
