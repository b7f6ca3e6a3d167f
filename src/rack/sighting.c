/* Sightings; see sighting.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/sighting.h"

#include <assert.h>

static_assert(offsetof(struct sighting, known) == 0, "what macs.h finds and frees");

struct sightings {
        struct macs macs;
};

struct sightings *sightings_new(struct hash_key key, size_t max) {
        CLEANUP(sightings_free_at) struct sightings *t = calloc(1, sizeof(*t));
        return t && macs_init(&t->macs, key, max) == 0 ? TAKE(t) : NULL;
}

void sightings_free(struct sightings *t) {
        if (!t)
                return;
        macs_destroy(&t->macs);
        free(t);
}

static struct sighting *add(struct sightings *t, const struct mac *mac, int64_t now_s) {
        if (macs_is_full(&t->macs))
                macs_remove(&t->macs, macs_oldest(&t->macs));
        struct sighting *s = macs_add(&t->macs, mac, sizeof(*s));
        if (s)
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

const struct sighting *sightings_next(const struct sightings *t, const struct sighting *after) {
        const struct list *link = after ? after->known.by_age.prev : t->macs.by_age.prev;
        return link == &t->macs.by_age ? NULL : CONTAINER_OF(link, const struct sighting, known.by_age);
}
