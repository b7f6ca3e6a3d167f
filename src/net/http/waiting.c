/* Requests that wait; see waiting.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http/waiting.h"

#include <errno.h>

#include "base/map.h"

/* All that wait for one thing; gone with the last of them. */
struct http_key {
        uint64_t number;
        struct list waits;
};

struct http_waiting {
        struct map *keys;
        struct list by_age;
        size_t len;
};

struct http_waiting *http_waiting_new(void) {
        CLEANUP(http_waiting_free_at) struct http_waiting *t = calloc(1, sizeof(*t));
        if (!t)
                return NULL;
        list_init(&t->by_age);
        t->keys = map_new((struct hash_key){}); /* keys are the server's own: no stranger can choose them */
        return t->keys ? TAKE(t) : NULL;
}

void http_waiting_free(struct http_waiting *t) {
        if (!t)
                return;
        LIST_FOR_EACH(link, &t->by_age)
        http_waiting_remove(t, LIST_ITEM(link, struct http_wait, by_age));
        map_free(t->keys);
        free(t);
}

size_t http_waiting_len(const struct http_waiting *t) {
        return t->len;
}

static struct http_key *key_of(struct http_waiting *t, uint64_t number) {
        struct http_key *key = map_get(t->keys, &number, sizeof(number));
        if (key)
                return key;
        key = calloc(1, sizeof(*key));
        if (!key || map_put(t->keys, &number, sizeof(number), key, NULL) < 0) {
                free(key);
                return NULL;
        }
        key->number = number;
        list_init(&key->waits);
        return key;
}

int http_waiting_add(struct http_waiting *t, struct http_wait *w, uint64_t key, uint64_t until_ms) {
        struct http_key *k = key_of(t, key);
        if (!k)
                return -ENOMEM;
        w->key = k;
        w->until_ms = until_ms;
        list_append(&k->waits, &w->same_key);
        list_append(&t->by_age, &w->by_age);
        t->len++;
        return 0;
}

void http_waiting_remove(struct http_waiting *t, struct http_wait *w) {
        struct http_key *k = TAKE(w->key);
        if (!k)
                return;
        list_remove(&w->same_key);
        list_remove(&w->by_age);
        t->len--;
        if (!list_is_empty(&k->waits))
                return;
        (void)map_remove(t->keys, &k->number, sizeof(k->number));
        free(k);
}

void http_waiting_wake(struct http_waiting *t, uint64_t key, void (*fn)(void *ctx, struct http_wait *w),
                       void *ctx) {
        for (struct http_key *k; (k = map_get(t->keys, &key, sizeof(key)));) {
                struct http_wait *w = LIST_ITEM(k->waits.next, struct http_wait, same_key);
                http_waiting_remove(t, w);
                fn(ctx, w);
        }
}

void http_waiting_expire(struct http_waiting *t, uint64_t now_ms, void (*fn)(void *ctx, struct http_wait *w),
                         void *ctx) {
        LIST_FOR_EACH(link, &t->by_age) {
                struct http_wait *w = LIST_ITEM(link, struct http_wait, by_age);
                if (w->until_ms > now_ms)
                        continue;
                http_waiting_remove(t, w);
                fn(ctx, w);
        }
}
