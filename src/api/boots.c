/* Copies of recorded boots; see boots.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/boots.h"

#include <string.h>

static bool copy_session(void *ctx, const struct trail_session *s) {
        struct api_boots *all = ctx;
        size_t octets = s->n_events * sizeof(*s->events);
        struct trail_event *events = malloc(octets ? octets : 1);

        if (!events) {
                all->failed = true;
                return false;
        }
        if (octets)
                memcpy(events, s->events, octets);
        all->sessions[all->n] = *s;
        all->sessions[all->n++].events = events;
        return all->n < all->max;
}

bool api_boots_copy(struct api_call *c, const struct api_asker *who, size_t max, struct api_boots *ret) {
        ret->max = max;
        ret->sessions = calloc(max, sizeof(*ret->sessions));
        if (ret->sessions)
                c->world->each_trail(c->world->ctx, who->machine ? who->machine->name : NULL, &who->mac,
                                     copy_session, ret);
        if (ret->sessions && !ret->failed)
                return true;
        api_problem(c, 500, "out of memory");
        return false;
}

void api_boots_clear(struct api_boots *b) {
        for (size_t i = 0; i < b->n; i++)
                free((void *)b->sessions[i].events);
        free(b->sessions);
}
