/* Boot sessions; see session.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/session.h"

#include "base/map.h"

enum {
        SILENCE_MS = 60000, /* DESIGN section 2: a machine that was silent this long starts anew */

        /* A firmware that repeats its DISCOVER after it was given a kernel has rebooted: a retry comes before
         * any file, and the stages of one boot follow one another within a second. */
        REBOOT_SILENCE_MS = 3000,
        REBOOT_DELIVERED = 1 << 20, /* octets */
};

struct sessions {
        struct map *by_mac;
        struct list by_age;
        size_t max;
};

struct sessions *sessions_new(struct hash_key key, size_t max) {
        CLEANUP(sessions_free_at) struct sessions *t = calloc(1, sizeof(*t));
        if (!t)
                return NULL;
        list_init(&t->by_age);
        t->max = max;
        t->by_mac = map_new(key);
        if (!t->by_mac)
                return NULL;
        return TAKE(t);
}

void sessions_free(struct sessions *t) {
        if (!t)
                return;
        LIST_FOR_EACH(link, &t->by_age)
        free(LIST_ITEM(link, struct session, by_age));
        map_free(t->by_mac);
        free(t);
}

struct session *sessions_find(const struct sessions *t, const struct mac *mac) {
        return map_get(t->by_mac, mac->octets, sizeof(mac->octets));
}

bool session_is_silent(const struct session *s, uint64_t now_ms) {
        return now_ms - s->last_ms >= SILENCE_MS;
}

bool session_is_over(const struct session *s, enum boot_client_id client, uint64_t now_ms) {
        uint64_t silent_ms = now_ms - s->last_ms;

        if (s->is_finished || session_is_silent(s, now_ms))
                return true;
        if (client != s->first_client)
                return false; /* a later stage */
        return s->ask.client != s->first_client ||
               (s->delivered >= REBOOT_DELIVERED && silent_ms >= REBOOT_SILENCE_MS);
}

struct session *sessions_oldest(const struct sessions *t) {
        return list_is_empty(&t->by_age) ? NULL : LIST_ITEM(t->by_age.next, struct session, by_age);
}

void sessions_remove(struct sessions *t, struct session *s) {
        (void)map_remove(t->by_mac, s->ask.mac.octets, sizeof(s->ask.mac.octets));
        list_remove(&s->by_age);
        free(s);
}

void sessions_each(struct sessions *t, void (*fn)(void *ctx, struct session *s), void *ctx) {
        LIST_FOR_EACH(link, &t->by_age)
        fn(ctx, LIST_ITEM(link, struct session, by_age));
}

bool sessions_is_full(const struct sessions *t) {
        return map_len(t->by_mac) >= t->max;
}

struct session *sessions_begin(struct sessions *t, const struct mac *mac, enum boot_client_id client,
                               uint64_t now_ms) {
        struct session *s = sessions_find(t, mac);

        if (!s) {
                if (sessions_is_full(t))
                        return NULL;
                s = calloc(1, sizeof(*s));
                if (!s || map_put(t->by_mac, mac->octets, sizeof(mac->octets), s, NULL) < 0) {
                        free(s);
                        return NULL;
                }
                list_append(&t->by_age, &s->by_age);
        }
        *s = (struct session){
                .by_age = s->by_age,
                .ask = { .mac = *mac, .client = client, .client_ip = s->ask.client_ip },
                .first_client = client,
                .start_ms = now_ms,
                .neighbour_ifindex = s->neighbour_ifindex,
        };
        sessions_touch(t, s, now_ms);
        return s;
}

void sessions_touch(struct sessions *t, struct session *s, uint64_t now_ms) {
        s->last_ms = now_ms;
        list_remove(&s->by_age);
        list_append(&t->by_age, &s->by_age);
}
