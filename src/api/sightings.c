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

/* A page, and one more to know whether there are more. */
struct copies {
        struct seen *seen;
        size_t n, max;
};

static bool copy(void *ctx, const struct api_sighting *s) {
        struct copies *all = ctx;
        struct seen *at = &all->seen[all->n++];

        at->s = *s;
        (void)snprintf(at->client, sizeof(at->client), "%s", s->client ? s->client : "");
        (void)snprintf(at->why, sizeof(at->why), "%s", s->why ? s->why : "");
        return all->n < all->max;
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
        const char *cursor = api_query(c, "cursor");
        struct copies all = {};
        struct mac after = {};
        char mac[MAC_TEXT_SIZE];
        uint64_t limit;

        if (!api_limit(c, API_PAGE_LIMIT_DEFAULT, API_PAGE_LIMIT_MAX, &limit))
                return;
        if (cursor && mac_parse(cursor, &after) < 0) {
                api_bad_cursor(c);
                return;
        }
        all.max = (size_t)limit + 1;
        all.seen = calloc(all.max, sizeof(*all.seen));
        if (all.seen)
                c->world->each_sighting(c->world->ctx, &after, copy, &all);
        for (size_t i = 0; i < all.n; i++)
                api_list_add(&found, &all.seen[i], "%s", mac_text(&all.seen[i].s.mac, mac));
        found.failed |= !all.seen;
        api_page(c, &found, seen_json);
        free(all.seen);
}
