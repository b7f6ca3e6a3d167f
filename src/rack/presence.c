/* Who is behind which address; see presence.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "rack/presence.h"

struct presences {
        struct pmap *newest; /* the control thread's own reference */
        struct published published;
};

static void *value_take(void *value) {
        struct presence *p = value;
        ref_take(&p->ref);
        return p;
}

static void value_drop(void *value) {
        struct presence *p = value;
        if (ref_drop(&p->ref))
                free(p);
}

static void *map_take(void *map) {
        return pmap_take(map);
}

static void map_drop(void *map) {
        pmap_drop(map);
}

static const struct pmap_ops ops = { value_take, value_drop };

struct presences *presences_new(void) {
        struct presences *p = calloc(1, sizeof(*p));
        if (!p)
                return NULL;
        p->newest = pmap_new(&ops);
        if (!p->newest) {
                free(p);
                return NULL;
        }
        published_init(&p->published, map_take, map_drop);
        published_set(&p->published, pmap_take(p->newest));
        return p;
}

void presences_free(struct presences *p) {
        if (!p)
                return;
        published_destroy(&p->published);
        pmap_drop(p->newest);
        free(p);
}

static int publish(struct presences *p, struct pmap *next) {
        if (!next)
                return -ENOMEM;
        pmap_drop(p->newest);
        p->newest = next;
        published_set(&p->published, pmap_take(next));
        return 0;
}

int presences_set(struct presences *p, const struct boot_ask *ask) {
        struct presence *value = malloc(sizeof(*value));
        if (!value)
                return -ENOMEM;
        ref_init(&value->ref);
        value->ask = *ask;

        int r = publish(p, pmap_put(p->newest, &ask->client_ip, sizeof(ask->client_ip), value));
        value_drop(value);
        return r;
}

void presences_remove(struct presences *p, const struct ip_addr *ip, uint64_t session) {
        const struct presence *value = presence_of(p->newest, ip);
        if (value && value->ask.session == session)
                (void)publish(p, pmap_remove(p->newest, ip, sizeof(*ip)));
}

const struct presence *presences_find(const struct presences *p, const struct ip_addr *ip) {
        return presence_of(p->newest, ip);
}

size_t presences_len(const struct presences *p) {
        return pmap_len(p->newest);
}

struct pmap *presences_take(struct presences *p) {
        return published_take(&p->published);
}

const struct presence *presence_of(const struct pmap *map, const struct ip_addr *ip) {
        return pmap_get(map, ip, sizeof(*ip));
}
