/* Sightings: /api/v1/sightings, what was seen on the wire and nobody registered. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/fields.h"
#include "api/handlers.h"
#include "api/page.h"
#include "base/text.h"

/* A copy with its texts, made on the control thread. */
struct seen {
        struct api_sighting s;
        char client[32], why[200];
};

struct copies {
        struct seen *seen;
        size_t n, room;
        bool failed;
};

static void copy(void *ctx, const struct api_sighting *s) {
        struct copies *all = ctx;

        if (all->failed)
                return;
        if (all->n == all->room) {
                size_t room = all->room ? 2 * all->room : 64;
                struct seen *seen = reallocarray(all->seen, room, sizeof(*seen));
                if (!seen) {
                        all->failed = true;
                        return;
                }
                all->seen = seen;
                all->room = room;
        }
        struct seen *at = &all->seen[all->n++];
        at->s = *s;
        (void)snprintf(at->client, sizeof(at->client), "%s", s->client ? s->client : "");
        (void)snprintf(at->why, sizeof(at->why), "%s", s->why ? s->why : "");
}

static json_t *pi_json(const struct pi_identity *pi) {
        if (!pi->has_revision && !pi->has_serial)
                return json_null();
        return json_pack("{s:o, s:o, s:o, s:o, s:o}", "model", api_text_or_null(pi->model), "memory_mib",
                         pi->memory_mib ? json_integer(pi->memory_mib) : json_null(), "revision",
                         pi->has_revision ? json_sprintf("%x", pi->revision) : json_null(), "serial",
                         pi->has_serial ? json_sprintf("%08x", pi->serial) : json_null(), "stepping",
                         api_text_or_null(pi->stepping));
}

static json_t *seen_json(const struct api_call *c, const void *thing) {
        const struct seen *seen = thing;
        (void)c;
        return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "mac", api_mac(&seen->s.mac), "ip",
                         api_ip(&seen->s.ip), "client", api_text_or_null(seen->client), "pi",
                         pi_json(&seen->s.pi), "first", api_time(seen->s.first_s), "last",
                         api_time(seen->s.last_s), "why", api_text_or_empty(seen->why));
}

void sighting_list(struct api_call *c) {
        CLEANUP(api_list_free) struct api_list found = {};
        struct copies all = {};
        char mac[MAC_TEXT_SIZE];

        c->world->each_sighting(c->world->ctx, copy, &all);
        for (size_t i = 0; i < all.n; i++)
                api_list_add(&found, &all.seen[i], "%s", mac_text(&all.seen[i].s.mac, mac));
        found.failed |= all.failed;
        api_page(c, &found, seen_json);
        free(all.seen);
}
