/* Sightings; see sighting.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/sighting.h"

#include "base/map.h"

struct sightings {
        struct map *by_mac;
        struct list by_age; /* most recent last */
        size_t max;
};

struct sightings *sightings_new(struct hash_key key, size_t max) {
        CLEANUP(sightings_free_at) struct sightings *t = calloc(1, sizeof(*t));
        if (!t)
                return NULL;
        list_init(&t->by_age);
        t->max = max;
        t->by_mac = map_new(key);
        if (!t->by_mac)
                return NULL;
        return TAKE(t);
}

void sightings_free(struct sightings *t) {
        if (!t)
                return;
        LIST_FOR_EACH(link, &t->by_age)
        free(LIST_ITEM(link, struct sighting, by_age));
        map_free(t->by_mac);
        free(t);
}

static struct sighting *add(struct sightings *t, const struct mac *mac, int64_t now_s) {
        if (map_len(t->by_mac) >= t->max) {
                struct sighting *oldest = LIST_ITEM(t->by_age.next, struct sighting, by_age);
                (void)map_remove(t->by_mac, oldest->mac.octets, sizeof(oldest->mac.octets));
                list_remove(&oldest->by_age);
                free(oldest);
        }
        struct sighting *s = calloc(1, sizeof(*s));
        if (!s || map_put(t->by_mac, mac->octets, sizeof(mac->octets), s, NULL) < 0) {
                free(s);
                return NULL;
        }
        s->mac = *mac;
        s->first_s = now_s;
        list_append(&t->by_age, &s->by_age);
        return s;
}

struct sighting *sightings_see(struct sightings *t, const struct mac *mac, int64_t now_s) {
        struct sighting *s = map_get(t->by_mac, mac->octets, sizeof(mac->octets));
        if (!s)
                s = add(t, mac, now_s);
        if (!s)
                return NULL;
        s->last_s = now_s;
        list_remove(&s->by_age);
        list_append(&t->by_age, &s->by_age);
        return s;
}

const struct sighting *sightings_find(const struct sightings *t, const struct mac *mac) {
        return map_get(t->by_mac, mac->octets, sizeof(mac->octets));
}

const struct sighting *sightings_next(const struct sightings *t, const struct sighting *after) {
        const struct list *link = after ? after->by_age.prev : t->by_age.prev;
        return link == &t->by_age ? NULL : CONTAINER_OF(link, const struct sighting, by_age);
}
