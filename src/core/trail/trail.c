/* The recorder of boots; see trail.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/list.h"
#include "core/trail/trail.h"

enum {
        RING = 8192,       /* events that a follower may be behind */
        EVENTS_FIRST = 16, /* room in a new session */
        PASSING_SHARE = 4  /* a quarter of all may be of who only passes by */
};

/*
 * What makes room first. Anybody can make up MACs and call: the stories of strangers who fetched nothing are
 * those that are missed least, but one of them may be the board that somebody wonders about.
 */
enum turn { PASSING, ENDED, RUNNING, TURNS };

struct session {
        struct trail_session shown;
        struct list by_age; /* in its row */
        enum turn turn;
        bool has_fetched;           /* octets of a file */
        struct trail_event *events; /* in the order of their begin */
        size_t room;
};

struct row {
        struct list sessions; /* oldest first */
        size_t n, octets;
};

struct trail {
        struct trail_limits limits;
        struct session **sessions; /* by rising id */
        size_t n, room;
        size_t octets; /* of all sessions and events */
        struct row rows[TURNS];
        uint64_t id, sequence, revision;
        uint64_t ring[RING]; /* the session of event number N is ring[N % RING]; 0: not known */
};

struct trail *trail_new(const struct trail_limits *limits) {
        struct trail *t = calloc(1, sizeof(*t));
        if (!t)
                return NULL;
        t->limits = *limits;
        for (size_t i = 0; i < TURNS; i++)
                list_init(&t->rows[i].sessions);
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

static size_t octets_of(const struct session *s) {
        return sizeof(*s) + s->room * sizeof(*s->events);
}

static enum turn turn_of(const struct session *s) {
        if (!s->shown.machine[0] && !s->has_fetched)
                return PASSING;
        return s->shown.is_over ? ENDED : RUNNING;
}

static void row_enter(struct trail *t, struct session *s) {
        s->turn = turn_of(s);
        struct row *row = &t->rows[s->turn];
        list_append(&row->sessions, &s->by_age);
        row->n++;
        row->octets += octets_of(s);
}

static void row_leave(struct trail *t, struct session *s) {
        struct row *row = &t->rows[s->turn];
        list_remove(&s->by_age);
        row->n--;
        row->octets -= octets_of(s);
}

static void evict(struct trail *t, struct session *s) {
        size_t at = place_of(t, s->shown.id);
        t->octets -= octets_of(s);
        row_leave(t, s);
        session_free(s);
        t->n--;
        memmove(t->sessions + at, t->sessions + at + 1, (t->n - at) * sizeof(*t->sessions));
}

static struct session *oldest_but(const struct row *row, const struct session *kept) {
        LIST_FOR_EACH(at, &row->sessions) {
                struct session *s = LIST_ITEM(at, struct session, by_age);
                if (s != kept)
                        return s;
        }
        return NULL;
}

/* Who makes room, but never @kept; NULL: there is no other. */
static struct session *spare(const struct trail *t, const struct session *kept) {
        static const enum turn orders[][TURNS] = { { ENDED, PASSING, RUNNING }, { PASSING, ENDED, RUNNING } };
        const struct row *passing = &t->rows[PASSING];
        bool is_flood = passing->n > t->limits.sessions_max / PASSING_SHARE ||
                        passing->octets > t->limits.octets_max / PASSING_SHARE;
        struct session *s = NULL;

        for (size_t i = 0; i < TURNS && !s; i++)
                s = oldest_but(&t->rows[orders[is_flood][i]], kept);
        return s;
}

static bool evict_one(struct trail *t, const struct session *kept) {
        struct session *s = spare(t, kept);
        if (!s)
                return false;
        evict(t, s);
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
        t->octets += octets_of(s);
        row_enter(t, s);
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
        if (turn_of(s) == s->turn)
                return;
        row_leave(t, s);
        row_enter(t, s);
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
        t->rows[s->turn].octets += (room - s->room) * sizeof(*events);
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
        s->has_fetched |= e->octets > 0;
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
        s->shown.is_over = s->shown.is_finished = true;
        if (now_ms > s->shown.last_ms)
                s->shown.last_ms = now_ms;
        changed(t, s);
}

void trail_end(struct trail *t, uint64_t session) {
        struct session *s = session_of(t, session);
        if (!s || s->shown.is_over)
                return;
        s->shown.is_over = true;
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
