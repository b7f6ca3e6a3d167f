/* What a serving thread sees; see view.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/view.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/log.h"
#include "io/neighbour.h"
#include "rack/blobs.h"
#include "rack/hearing.h"
#include "rack/served.h"
#include "rack/who.h"

enum {
        ARENA_MAX = 256 * 1024, /* octets of one plan: generated files are small */
        BLOBS_MAX = 512,        /* open files of one thread: a boot.img with all overlays has 350 */
        SAY_EVERY_MS = 10000
};

struct view {
        const struct view_source *source;
        struct site *site;
        struct pmap *presences;
        struct arena *arena;
        struct blobs *blobs;
        int neighbours;   /* neighbour_open()'s; -1: not opened yet */
        uint64_t said_ms; /* monotonic; when a file was last complained of; 0: never */
};

struct view *view_new(const struct view_source *source) {
        CLEANUP(view_free_at) struct view *v = calloc(1, sizeof(*v));
        if (!v)
                return NULL;
        v->source = source;
        v->neighbours = -1; /* opened when somebody asks whom DHCP does not know */
        v->arena = arena_new(ARENA_MAX);
        v->blobs = blobs_new(source->store, BLOBS_MAX);
        if (!v->arena || !v->blobs)
                return NULL;
        blobs_sign_with(v->blobs, source->signatures);
        blobs_keep_in(v->blobs, source->ramdisks);
        return TAKE(v);
}

void view_free(struct view *v) {
        if (!v)
                return;
        view_release(v);
        if (v->neighbours >= 0)
                (void)close(v->neighbours);
        arena_free(v->arena);
        blobs_free(v->blobs);
        free(v);
}

void view_release(struct view *v) {
        site_drop(TAKE(v->site));
        pmap_drop(TAKE(v->presences));
}

static void look(struct view *v) {
        if (!v->site)
                v->site = published_take(v->source->site);
        if (!v->presences)
                v->presences = presences_take(v->source->presences);
}

/* The link that a request came by. HTTP's connections do not tell: then the one of the client's subnet. */
static unsigned ifindex_of(const struct view_peer *peer, const struct subnet *subnet) {
        if (peer->ifindex)
                return peer->ifindex;
        return subnet && subnet->interface[0] ? if_nametoindex(subnet->interface) : 0;
}

/* Whose address it is where DHCP told nothing. */
static enum sighting_source identify(struct view *v, const struct view_peer *peer,
                                     const struct subnet *subnet, struct boot_ask *ret) {
        const struct machine *m = site_machine_by_ip(v->site, &peer->client);

        if (m) {
                ret->has_serial = m->has_serial;
                ret->serial = m->serial;
                ret->has_uuid = m->has_uuid;
                memcpy(ret->uuid, m->uuid, sizeof(ret->uuid));
        }
        if (m && m->n_macs > 0) {
                ret->mac = m->macs[0];
                return SIGHTING_RESERVED;
        }
        if (v->neighbours < 0)
                v->neighbours = neighbour_open();
        unsigned ifindex = ifindex_of(peer, subnet);
        if (v->neighbours >= 0 && ifindex &&
            neighbour_find(v->neighbours, ifindex, ip_to_v4(&peer->client), &ret->mac) == 0)
                return SIGHTING_NEIGHBOUR;
        ret->mac = (struct mac){}; /* the path may still tell */
        return SIGHTING_NONE;
}

/* A path that names its board by a serial names a machine, and so a MAC. */
static void complete_mac(const struct view *v, struct boot_ask *ask) {
        const struct machine *m = ask->has_serial ? site_machine_by_serial(v->site, ask->serial) : NULL;

        if (mac_is_zero(&ask->mac) && m && m->n_macs > 0)
                ask->mac = m->macs[0];
}

enum sighting_source view_who(struct view *v, const struct view_peer *peer, const char *path,
                              struct boot_ask *ret) {
        enum sighting_source source = SIGHTING_LEASE;

        look(v);
        const struct presence *known = presence_of(v->presences, &peer->client);
        if (known) {
                *ret = known->ask;
                if (!ret->session) /* from before a restart: only its address is remembered */
                        (void)boot_path_identity(path, ret);
        } else {
                const struct subnet *subnet = site_subnet_of(v->site, &peer->client);

                *ret = (struct boot_ask){ .client = CLIENT_OTHER };
                if (subnet)
                        ret->subnet = subnet->net.addr;
                source = identify(v, peer, subnet, ret);
                (void)boot_path_identity(path, ret);
                complete_mac(v, ret);
                if (source == SIGHTING_NONE && !mac_is_zero(&ret->mac))
                        source = SIGHTING_PATH;
        }
        ret->client_ip = peer->client;
        if (ip_is_set(&peer->server))
                ret->server = peer->server;
        ret->http_port = v->source->http_port;
        ret->https_port = v->source->https_port;
        if (v->source->ca)
                memcpy(ret->ca, v->source->ca, sizeof(ret->ca));
        return source;
}

bool view_serves(struct view *v, const struct boot_ask *ask) {
        look(v);
        const struct subnet *subnet = site_subnet_of(v->site, &ask->client_ip);

        return (subnet && subnet->dhcp != SUBNET_DHCP_OFF) || ask->session != 0 ||
               who_machine(v->site, ask) || site_machine_by_ip(v->site, &ask->client_ip);
}

/* A file of ours that cannot be given is the operator's to know, and no stranger's to fill the log with. */
static void say_failed(struct view *v, const struct boot_plan *plan, const char *path, int error) {
        uint64_t now_ms = clock_now_ms();

        if (v->said_ms && now_ms - v->said_ms < SAY_EVERY_MS)
                return;
        v->said_ms = now_ms;
        log_error("files: a file cannot be given", "machine", plan->machine ? plan->machine->name : "",
                  "image", plan->image ? plan->image->name : "", "path", path, "why",
                  boot_plan_why(plan, error), "error", strerror(-error));
}

int view_open(struct view *v, const struct boot_ask *ask, const char *path, struct boot_file **ret,
              const char **why) {
        look(v);
        arena_reset(v->arena);
        const struct boot_plan *plan = boot_plan(v->site, ask, v->arena);
        *why = "out of memory";
        if (!plan)
                return -ENOMEM;

        struct blob_source blobs = blobs_source(v->blobs);
        int answer = boot_plan_file(plan, path, &blobs, ret, NULL);
        *why = boot_plan_why(plan, answer);
        if (answer < 0 && answer != -EAGAIN)
                say_failed(v, plan, path, answer);
        return answer;
}

const struct site *view_site(struct view *v) {
        look(v);
        return v->site;
}

struct blob *view_open_blob(struct view *v, const struct blob_id *id, int *error) {
        struct blob_source blobs = blobs_source(v->blobs);
        return blobs.open(blobs.ctx, id, error);
}

bool view_hear(struct view *v, const struct heard *m) {
        return hearing_tell(v->source->hearing, m);
}

void view_tell(struct view *v, const struct served *s) {
        (void)queue_send(v->source->served, s);
}
