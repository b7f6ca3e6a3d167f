/* Boot sessions; see session.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/session.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

enum {
        SILENCE_MS = 60000, /* a machine that was silent this long starts anew */

        /* A firmware that repeats its DISCOVER after it was given a kernel has rebooted: a retry comes before
         * any file, and the stages of one boot follow one another within a second. */
        REBOOT_SILENCE_MS = 3000,
        REBOOT_DELIVERED = 1 << 20, /* octets */
};

static_assert(offsetof(struct session, known) == 0, "what macs.h finds and frees");

struct sessions {
        struct macs macs;
};

struct sessions *sessions_new(struct hash_key key, size_t max) {
        CLEANUP(sessions_free_at) struct sessions *t = calloc(1, sizeof(*t));
        return t && macs_init(&t->macs, key, max) == 0 ? TAKE(t) : NULL;
}

void sessions_free(struct sessions *t) {
        if (!t)
                return;
        macs_destroy(&t->macs);
        free(t);
}

struct session *sessions_find(const struct sessions *t, const struct mac *mac) {
        return macs_find(&t->macs, mac);
}

bool session_is_ramdisk(const char *path) {
        const char *slash = strrchr(path, '/');
        return strcasecmp(slash ? slash + 1 : path, BOOT_RAMDISK) == 0;
}

bool session_is_silent(const struct session *s, uint64_t now_ms) {
        return now_ms - s->last_ms >= SILENCE_MS;
}

bool session_is_of_agent(const struct session *s) {
        return (s->agent.is_up || s->agent.is_due) && !s->agent.has_left;
}

bool session_is_over(const struct session *s, enum boot_client_id client, uint64_t now_ms) {
        uint64_t silent_ms = now_ms - s->last_ms;

        if (s->is_finished || s->agent.is_up || session_is_silent(s, now_ms))
                return true;
        if (client != s->first_client)
                return false; /* a later stage */
        return s->ask.client != s->first_client ||
               (s->delivered >= REBOOT_DELIVERED && silent_ms >= REBOOT_SILENCE_MS);
}

struct session *sessions_spare(const struct sessions *t) {
        return macs_spare(&t->macs);
}

void sessions_remove(struct sessions *t, struct session *s) {
        macs_remove(&t->macs, &s->known);
}

void sessions_each(struct sessions *t, void (*fn)(void *ctx, struct session *s), void *ctx) {
        LIST_FOR_EACH(link, &t->macs.strangers)
        fn(ctx, LIST_ITEM(link, struct session, known.by_age));
        LIST_FOR_EACH(other, &t->macs.others)
        fn(ctx, LIST_ITEM(other, struct session, known.by_age));
}

bool sessions_is_full(const struct sessions *t) {
        return macs_is_full(&t->macs);
}

struct session *sessions_begin(struct sessions *t, const struct mac *mac, enum boot_client_id client,
                               uint64_t now_ms) {
        struct session *s = sessions_find(t, mac);

        if (!s)
                s = macs_add(&t->macs, mac, sizeof(*s));
        if (!s)
                return NULL;
        *s = (struct session){
                .known = s->known,
                .ask = { .mac = *mac, .client = client, .client_ip = s->ask.client_ip },
                .first_client = client,
                .start_ms = now_ms,
                .neighbour_ifindex = s->neighbour_ifindex,
        };
        sessions_touch(t, s, now_ms);
        return s;
}

struct session *sessions_resume(struct sessions *t, const struct mac *mac, enum boot_client_id client,
                                uint64_t now_ms) {
        struct session *s = sessions_begin(t, mac, client, now_ms);

        if (s)
                s->delivered = REBOOT_DELIVERED; /* or more, who knows */
        return s;
}

void sessions_keep(struct sessions *t, struct session *s) {
        macs_keep(&t->macs, &s->known);
}

void sessions_touch(struct sessions *t, struct session *s, uint64_t now_ms) {
        s->last_ms = now_ms;
        macs_touch(&t->macs, &s->known);
}
