/* Sightings; see sighting.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/sighting.h"

#include <assert.h>

#include "base/map.h"

static_assert(offsetof(struct sighting, known) == 0, "what macs.h finds and frees");

struct sightings {
        struct macs macs;
        struct sorted in_order; /* by MAC, for who looks at the table by the page */
        struct map *by_serial;  /* who said it last */
};

struct sightings *sightings_new(struct hash_key key, size_t max) {
        CLEANUP(sightings_free_at) struct sightings *t = calloc(1, sizeof(*t));
        if (!t || macs_init(&t->macs, key, max) < 0)
                return NULL;
        t->in_order.key = key;
        t->by_serial = map_new(key);
        return t->by_serial ? TAKE(t) : NULL;
}

void sightings_free(struct sightings *t) {
        if (!t)
                return;
        macs_destroy(&t->macs);
        map_free(t->by_serial);
        free(t);
}

static uint64_t number_of(const struct mac *mac) {
        uint64_t number = 0;
        for (size_t i = 0; i < sizeof(mac->octets); i++)
                number = number << 8 | mac->octets[i];
        return number;
}

static void forget_serial(struct sightings *t, const struct sighting *s) {
        if (s->pi.has_serial && sightings_find_serial(t, s->pi.serial) == s)
                (void)map_remove(t->by_serial, &s->pi.serial, sizeof(s->pi.serial));
}

static void forget(struct sightings *t, struct sighting *s) {
        forget_serial(t, s);
        sorted_remove(&t->in_order, &s->in_order);
        macs_remove(&t->macs, &s->known);
}

static struct sighting *add(struct sightings *t, const struct mac *mac, int64_t now_s) {
        if (macs_is_full(&t->macs))
                forget(t, macs_spare(&t->macs));
        struct sighting *s = macs_add(&t->macs, mac, sizeof(*s));
        if (!s)
                return NULL;
        sorted_add(&t->in_order, &s->in_order, number_of(mac));
        s->first_s = now_s;
        return s;
}

struct sighting *sightings_see(struct sightings *t, const struct mac *mac, int64_t now_s) {
        struct sighting *s = macs_find(&t->macs, mac);
        if (!s)
                s = add(t, mac, now_s);
        if (!s)
                return NULL;
        s->last_s = now_s;
        macs_touch(&t->macs, &s->known);
        return s;
}

void sightings_identify(struct sightings *t, struct sighting *s, const struct pi_identity *pi) {
        forget_serial(t, s);
        s->pi = *pi;
        if (pi->has_serial) /* out of memory: it is found by its MAC only */
                (void)!map_put(t->by_serial, &pi->serial, sizeof(pi->serial), s, NULL);
}

void sightings_keep(struct sightings *t, const struct mac *mac) {
        struct sighting *s = macs_find(&t->macs, mac);
        if (s)
                macs_keep(&t->macs, &s->known);
}

const struct sighting *sightings_find(const struct sightings *t, const struct mac *mac) {
        return macs_find(&t->macs, mac);
}

const struct sighting *sightings_find_serial(const struct sightings *t, uint32_t serial) {
        return map_get(t->by_serial, &serial, sizeof(serial));
}

static const struct sighting *sighting_of(const struct sorted_node *n) {
        return n ? CONTAINER_OF(n, const struct sighting, in_order) : NULL;
}

const struct sighting *sightings_after(const struct sightings *t, const struct mac *mac) {
        return sighting_of(sorted_from(&t->in_order, number_of(mac) + 1));
}

const struct sighting *sighting_next(const struct sighting *s) {
        return sighting_of(s->in_order.next);
}
