/* Sightings; see sighting.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/sighting.h"

#include <assert.h>

static_assert(offsetof(struct sighting, known) == 0, "what macs.h finds and frees");

struct sightings {
        struct macs macs;
        struct sorted in_order; /* by MAC, for who looks at the table by the page */
};

struct sightings *sightings_new(struct hash_key key, size_t max) {
        CLEANUP(sightings_free_at) struct sightings *t = calloc(1, sizeof(*t));
        if (!t || macs_init(&t->macs, key, max) < 0)
                return NULL;
        t->in_order.key = key;
        return TAKE(t);
}

void sightings_free(struct sightings *t) {
        if (!t)
                return;
        macs_destroy(&t->macs);
        free(t);
}

static uint64_t number_of(const struct mac *mac) {
        uint64_t number = 0;
        for (size_t i = 0; i < sizeof(mac->octets); i++)
                number = number << 8 | mac->octets[i];
        return number;
}

static void forget(struct sightings *t, struct sighting *s) {
        sorted_remove(&t->in_order, &s->in_order);
        macs_remove(&t->macs, &s->known);
}

static struct sighting *add(struct sightings *t, const struct mac *mac, int64_t now_s) {
        if (macs_is_full(&t->macs))
                forget(t, macs_oldest(&t->macs));
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

const struct sighting *sightings_find(const struct sightings *t, const struct mac *mac) {
        return macs_find(&t->macs, mac);
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
