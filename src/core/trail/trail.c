/* The recorder of boots; see trail.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/trail/trail.h"

enum {
        RING = 8192,      /* events that a follower may be behind */
        EVENTS_FIRST = 16 /* room in a new session */
};

struct session {
        struct trail_session shown;
        struct trail_event *events; /* in the order of their begin */
        size_t room;
};

struct trail {
        struct trail_limits limits;
        struct session **sessions; /* by rising id */
        size_t n, room;
        size_t octets; /* of all sessions and events */
        uint64_t id, sequence, revision;
        uint64_t ring[RING]; /* the session of event number N is ring[N % RING]; 0: not known */
};

struct trail *trail_new(const struct trail_limits *limits) {
        struct trail *t = calloc(1, sizeof(*t));
        if (t)
                t->limits = *limits;
        return t;
}

static void session_free(struct session *s) {
        free(s->events);
        free(s);
}

void trail_free(struct trail *t) {
        if (!t)
                return;
        for (size_t i = 0; i < t->n; i++)
                session_free(t->sessions[i]);
        free(t->sessions);
        free(t);
}

/* Where the session with this id is, or would be. */
static size_t place_of(const struct trail *t, uint64_t id) {
        size_t low = 0, high = t->n;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (t->sessions[middle]->shown.id < id)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static struct session *session_of(const struct trail *t, uint64_t id) {
        size_t at = place_of(t, id);
        return at < t->n && t->sessions[at]->shown.id == id ? t->sessions[at] : NULL;
}

static void evict(struct trail *t, size_t at) {
        struct session *s = t->sessions[at];
        t->octets -= sizeof(*s) + s->room * sizeof(*s->events);
        session_free(s);
        t->n--;
        memmove(t->sessions + at, t->sessions + at + 1, (t->n - at) * sizeof(*t->sessions));
}

/* The oldest finished session goes, or the oldest; but never @kept. False when there is no other. */
static bool evict_one(struct trail *t, const struct session *kept) {
        size_t oldest = t->n;
        for (size_t i = 0; i < t->n; i++) {
                if (t->sessions[i] == kept)
                        continue;
                if (t->sessions[i]->shown.is_finished) {
                        oldest = i; /* soon found: old sessions are mostly finished ones */
                        break;
                }
                if (oldest == t->n)
                        oldest = i;
        }
        if (oldest == t->n)
                return false;
        evict(t, oldest);
        return true;
}

static bool make_room(struct trail *t, size_t octets, const struct session *kept) {
        while (octets > t->limits.octets_max || t->octets > t->limits.octets_max - octets)
                if (!evict_one(t, kept))
                        return false;
        return true;
}

static struct session *session_add(struct trail *t, uint64_t id) {
        while (t->n && t->n >= t->limits.sessions_max)
                (void)evict_one(t, NULL);
        (void)make_room(t, sizeof(struct session), NULL);

        if (t->n == t->room) {
                size_t room = t->room ? 2 * t->room : 64;
                struct session **sessions = reallocarray(t->sessions, room, sizeof(struct session *));
                if (!sessions)
                        return NULL;
                t->sessions = sessions;
                t->room = room;
        }
        struct session *s = calloc(1, sizeof(*s));
        if (!s)
                return NULL;
        size_t at = place_of(t, id);
        memmove(t->sessions + at + 1, t->sessions + at, (t->n - at) * sizeof(*t->sessions));
        t->sessions[at] = s;
        t->n++;
        t->octets += sizeof(*s);
        s->shown.id = id;
        return s;
}

static void copy_cut(char *to, size_t size, const char *from) {
        size_t len = strnlen(from, size - 1);
        memcpy(to, from, len);
        memset(to + len, 0, size - len);
}

static void changed(struct trail *t, struct session *s) {
        s->shown.revision = ++t->revision;
}

uint64_t trail_begin(struct trail *t, const struct mac *mac, const char *machine, int64_t now_ms) {
        struct session *s = session_add(t, t->id + 1);
        if (!s)
                return 0;
        t->id++;
        if (mac)
                s->shown.mac = *mac;
        copy_cut(s->shown.machine, sizeof(s->shown.machine), machine ? machine : "");
        s->shown.start_ms = s->shown.last_ms = now_ms;
        changed(t, s);
        return s->shown.id;
}

/* Room for one event more: bounded by the session, by all, and by memory. */
static bool events_grow(struct trail *t, struct session *s) {
        if (s->shown.n_events < s->room)
                return true;
        size_t room = s->room ? 2 * s->room : EVENTS_FIRST;
        if (room > t->limits.events_per_session_max)
                room = t->limits.events_per_session_max;
        if (room <= s->room || !make_room(t, (room - s->room) * sizeof(*s->events), s))
                return false;
        struct trail_event *events = reallocarray(s->events, room, sizeof(*events));
        if (!events)
                return false;
        t->octets += (room - s->room) * sizeof(*events);
        s->shown.events = s->events = events;
        s->room = room;
        return true;
}

/* How a boot began and how it ended tell more than its middle: an eighth of the events goes from there, at
 * once, so that a flood of events does not move the whole story for each. */
static void thin(struct session *s) {
        size_t from = s->shown.n_events / 4, n = s->shown.n_events / 8 ? s->shown.n_events / 8 : 1;
        s->shown.n_events -= n;
        s->shown.n_dropped += n;
        memmove(s->events + from, s->events + from + n, (s->shown.n_events - from) * sizeof(*s->events));
}

static bool session_put(struct trail *t, struct session *s, const struct trail_event *e) {
        if (!events_grow(t, s)) {
                if (s->shown.n_events == 0)
                        return false;
                thin(s);
        }

        /* A transfer is told when it has ended, so that events come late; seldom by many places. */
        size_t at = s->shown.n_events;
        while (at > 0 && s->events[at - 1].at_ms > e->at_ms)
                at--;
        memmove(s->events + at + 1, s->events + at, (s->shown.n_events - at) * sizeof(*s->events));
        s->events[at] = *e;
        s->shown.n_events++;
        if (e->at_ms < s->shown.start_ms)
                s->shown.start_ms = e->at_ms;
        if (e->at_ms + e->took_ms > s->shown.last_ms)
                s->shown.last_ms = e->at_ms + e->took_ms;
        t->ring[e->sequence % RING] = s->shown.id;
        return true;
}

void trail_add(struct trail *t, uint64_t session, const struct trail_event *e) {
        struct session *s = session_of(t, session);
        if (!s)
                return;

        struct trail_event copy = *e;
        copy.what[sizeof(copy.what) - 1] = 0;
        copy.detail[sizeof(copy.detail) - 1] = 0;
        copy.client[sizeof(copy.client) - 1] = 0;
        copy.sequence = t->sequence + 1;
        if (session_put(t, s, &copy))
                t->sequence++;
        else
                s->shown.n_dropped++;
        changed(t, s);
}

void trail_set_ip(struct trail *t, uint64_t session, const struct ip_addr *ip) {
        struct session *s = session_of(t, session);
        if (!s || ip_equal(&s->shown.ip, ip))
                return;
        s->shown.ip = *ip;
        changed(t, s);
}

void trail_set_machine(struct trail *t, uint64_t session, const char *name) {
        struct session *s = session_of(t, session);
        if (!s)
                return;
        copy_cut(s->shown.machine, sizeof(s->shown.machine), name);
        changed(t, s);
}

void trail_finish(struct trail *t, uint64_t session, int64_t now_ms) {
        struct session *s = session_of(t, session);
        if (!s || s->shown.is_finished)
                return;
        s->shown.is_finished = true;
        if (now_ms > s->shown.last_ms)
                s->shown.last_ms = now_ms;
        changed(t, s);
}

const struct trail_session *trail_find(const struct trail *t, uint64_t session) {
        const struct session *s = session_of(t, session);
        return s ? &s->shown : NULL;
}

const struct trail_session *trail_newest(const struct trail *t, const struct mac *mac) {
        for (size_t i = t->n; i-- > 0;)
                if (mac_equal(&t->sessions[i]->shown.mac, mac))
                        return &t->sessions[i]->shown;
        return NULL;
}

const struct trail_session *trail_newest_of(const struct trail *t, const char *machine) {
        for (size_t i = t->n; i-- > 0;)
                if (strcmp(t->sessions[i]->shown.machine, machine) == 0)
                        return &t->sessions[i]->shown;
        return NULL;
}

const struct trail_session *trail_before(const struct trail *t, uint64_t id) {
        size_t at = place_of(t, id);
        return at > 0 ? &t->sessions[at - 1]->shown : NULL;
}

int trail_each(const struct trail *t, int (*fn)(void *ctx, const struct trail_session *s), void *ctx) {
        for (size_t i = t->n; i-- > 0;) {
                int r = fn(ctx, &t->sessions[i]->shown);
                if (r)
                        return r;
        }
        return 0;
}

static const struct trail_event *event_of(const struct session *s, uint64_t sequence) {
        for (size_t i = s->shown.n_events; i-- > 0;)
                if (s->events[i].sequence == sequence)
                        return &s->events[i];
        return NULL;
}

int trail_since(const struct trail *t, uint64_t after,
                int (*fn)(void *ctx, uint64_t sequence, const struct trail_session *s,
                          const struct trail_event *e),
                void *ctx) {
        if (t->sequence > RING && after < t->sequence - RING)
                after = t->sequence - RING;
        for (uint64_t n = after + 1; n <= t->sequence; n++) {
                const struct session *s = session_of(t, t->ring[n % RING]);
                const struct trail_event *e = s ? event_of(s, n) : NULL;
                int r = e ? fn(ctx, n, &s->shown, e) : 0;
                if (r)
                        return r;
        }
        return 0;
}

uint64_t trail_sequence(const struct trail *t) {
        return t->sequence;
}

uint64_t trail_revision(const struct trail *t) {
        return t->revision;
}

int trail_restore_session(struct trail *t, const struct trail_session *from) {
        if (from->id == 0)
                return 0;
        struct session *s = session_of(t, from->id);
        if (!s)
                s = session_add(t, from->id);
        if (!s)
                return -ENOMEM;

        struct trail_session shown = *from;
        shown.events = s->events;
        shown.n_events = s->shown.n_events;
        s->shown = shown;
        changed(t, s);
        if (s->shown.id > t->id)
                t->id = s->shown.id;
        return 0;
}

int trail_restore_event(struct trail *t, uint64_t session, const struct trail_event *e) {
        struct session *s = session_of(t, session);
        if (!s || event_of(s, e->sequence))
                return 0;
        if (!session_put(t, s, e))
                s->shown.n_dropped++;
        if (e->sequence > t->sequence)
                t->sequence = e->sequence;
        changed(t, s);
        return 0;
}
