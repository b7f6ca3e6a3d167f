/* A hash table with linear probing; see map.h. Removal moves later entries back, so that there are no
 * tombstones. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/map.h"

struct slot {
        uint64_t hash;
        unsigned char *key; /* length octet, then the key; NULL: the slot is empty */
        void *value;
};

struct map {
        struct hash_key key;
        struct slot *slots;
        size_t n_slots; /* a power of two */
        size_t len;
};

enum { SLOTS_MIN = 16 };

struct map *map_new(struct hash_key key) {
        struct map *m = calloc(1, sizeof(*m));
        if (!m)
                return NULL;
        m->key = key;
        m->n_slots = SLOTS_MIN;
        m->slots = calloc(m->n_slots, sizeof(*m->slots));
        if (!m->slots) {
                free(m);
                return NULL;
        }
        return m;
}

void map_free(struct map *m) {
        if (!m)
                return;
        for (size_t i = 0; i < m->n_slots; i++)
                free(m->slots[i].key);
        free(m->slots);
        free(m);
}

size_t map_len(const struct map *m) {
        return m->len;
}

/* The slot that holds the key, or the empty one where it would stand. */
static struct slot *find(const struct map *m, uint64_t hash, const void *key, size_t key_len) {
        size_t mask = m->n_slots - 1;

        for (size_t i = (size_t)hash & mask;; i = (i + 1) & mask) {
                struct slot *s = &m->slots[i];
                if (!s->key)
                        return s;
                if (s->hash == hash && s->key[0] == key_len && memcmp(s->key + 1, key, key_len) == 0)
                        return s;
        }
}

void *map_get(const struct map *m, const void *key, size_t key_len) {
        assert(key_len > 0 && key_len <= MAP_KEY_MAX);
        const struct slot *s = find(m, hash_siphash(m->key, key, key_len), key, key_len);
        return s->key ? s->value : NULL;
}

static int grow(struct map *m) {
        struct map bigger = { .key = m->key, .n_slots = m->n_slots * 2, .len = m->len };

        bigger.slots = calloc(bigger.n_slots, sizeof(*bigger.slots));
        if (!bigger.slots)
                return -ENOMEM;
        for (size_t i = 0; i < m->n_slots; i++) {
                const struct slot *s = &m->slots[i];
                if (s->key)
                        *find(&bigger, s->hash, s->key + 1, s->key[0]) = *s;
        }
        free(m->slots);
        *m = bigger;
        return 0;
}

int map_put(struct map *m, const void *key, size_t key_len, void *value, void **old) {
        assert(key_len > 0 && key_len <= MAP_KEY_MAX);
        assert(value);

        if (m->len >= m->n_slots / 4 * 3 && grow(m) < 0)
                return -ENOMEM;

        uint64_t hash = hash_siphash(m->key, key, key_len);
        struct slot *s = find(m, hash, key, key_len);
        if (old)
                *old = s->key ? s->value : NULL;
        if (!s->key) {
                s->key = malloc(1 + key_len);
                if (!s->key)
                        return -ENOMEM;
                s->key[0] = (unsigned char)key_len;
                memcpy(s->key + 1, key, key_len);
                s->hash = hash;
                m->len++;
        }
        s->value = value;
        return 0;
}

void *map_remove(struct map *m, const void *key, size_t key_len) {
        assert(key_len > 0 && key_len <= MAP_KEY_MAX);
        struct slot *hole = find(m, hash_siphash(m->key, key, key_len), key, key_len);
        if (!hole->key)
                return NULL;

        void *value = hole->value;
        free(hole->key);
        m->len--;

        /* Move back what a search from its own place would no longer reach over the hole. */
        size_t mask = m->n_slots - 1, empty = (size_t)(hole - m->slots);
        for (size_t i = (empty + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
                size_t home = (size_t)m->slots[i].hash & mask;
                if (((i - home) & mask) >= ((i - empty) & mask)) {
                        m->slots[empty] = m->slots[i];
                        empty = i;
                }
        }
        m->slots[empty] = (struct slot){};
        return value;
}

void *map_next(const struct map *m, size_t *cursor) {
        while (*cursor < m->n_slots) {
                const struct slot *s = &m->slots[(*cursor)++];
                if (s->key)
                        return s->value;
        }
        return NULL;
}
