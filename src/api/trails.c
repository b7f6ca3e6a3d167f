/* What boots did on the wire: /api/v1/boot/trail, and as it happens: /api/v1/events. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "api/boots.h"
#include "api/handlers.h"
#include "api/page.h"
#include "api/trail_json.h"
#include "base/text.h"
#include "core/trail/waterfall.h"

enum { SESSIONS_MAX = 100 };

static void answer_json(struct api_call *c, const struct api_boots *all) {
        json_t *sessions = json_array();

        for (size_t i = 0; i < all->n; i++)
                (void)json_array_append_new(sessions, trail_session_json(&all->sessions[i]));
        api_ok(c, 200, json_pack("{s:o}", "sessions", sessions));
}

static void answer_text(struct api_call *c, const struct api_boots *all) {
        const char *width = api_query(c, "width"), *ascii = api_query(c, "ascii");
        uint64_t columns = 0;

        if (width && text_parse_u64(width, WATERFALL_WIDTH_MAX, &columns) < 0) {
                api_problem_field(c, 400, "width", "width \"%.32s\": columns are wanted, %d at most", width,
                                  WATERFALL_WIDTH_MAX);
                return;
        }
        if (all->n == 0) {
                api_text(c, strdup("No boot was seen yet.\n"));
                return;
        }
        const struct waterfall_style style = { .width = (unsigned)columns,
                                               .is_ascii = ascii && strcmp(ascii, "true") == 0 };
        api_text(c, waterfall_draw(&all->sessions[0], &style));
}

void trail_show(struct api_call *c) {
        const char *accept = api_header(c, "Accept");
        CLEANUP(api_boots_clear) struct api_boots all = {};
        struct api_asker who;
        uint64_t limit;

        if (!api_limit(c, 1, SESSIONS_MAX, &limit) || !api_asker_read(c, &who))
                return;
        if (!api_boots_copy(c, &who, (size_t)limit, &all))
                return;
        if (accept && strstr(accept, "text/plain"))
                answer_text(c, &all);
        else
                answer_json(c, &all);
}

enum {
        EVENTS_AT_ONCE = 64,
        WAIT_MS = 1000,       /* a server that stops waits for so long */
        QUIET_BEFORE_SIGN = 5 /* waits without event, before a sign of life */
};

/* One follower: what it was told last, and text that it has not taken yet. */
struct follower {
        const struct api_world *world;
        uint64_t after;
        unsigned quiet; /* waits without event so far */
        struct text pending;
        size_t given; /* octets of it */
};

/* Copies of a few events, made on the control thread. */
struct batch {
        struct {
                uint64_t sequence;
                struct trail_session session;
                struct trail_event event;
        } items[EVENTS_AT_ONCE];
        size_t n;
};

static bool copy_event(void *ctx, uint64_t sequence, const struct trail_session *s,
                       const struct trail_event *e) {
        struct batch *b = ctx;

        b->items[b->n].sequence = sequence;
        b->items[b->n].session = *s;
        b->items[b->n++].event = *e;
        return b->n < EVENTS_AT_ONCE;
}

static void tell(struct follower *f, uint64_t sequence, const struct trail_session *s,
                 const struct trail_event *e) {
        json_t *json = trail_event_json(s, e);
        CLEANUP(free_at) char *data = json ? json_dumps(json, JSON_COMPACT) : NULL;

        json_decref(json);
        if (data)
                text_printf(&f->pending, "event: boot\nid: %" PRIu64 "\ndata: %s\n\n", sequence, data);
        f->after = sequence;
}

/* Waits for events and writes them down; -EAGAIN: nothing came. */
static int64_t fill(struct follower *f) {
        CLEANUP(free_at) struct batch *b = calloc(1, sizeof(*b));
        if (!b)
                return -ENOMEM;

        f->pending.len = f->given = 0;
        (void)f->world->trail_follow(f->world->ctx, f->after, WAIT_MS, copy_event, b);
        for (size_t i = 0; i < b->n; i++)
                tell(f, b->items[i].sequence, &b->items[i].session, &b->items[i].event);
        if (b->n > 0)
                f->quiet = 0;
        else if (++f->quiet >= QUIET_BEFORE_SIGN) {
                f->quiet = 0;
                text_append(&f->pending, ":\n\n");
        }
        if (f->pending.failed)
                return -ENOMEM;
        return f->pending.len > 0 ? 0 : -EAGAIN;
}

static int64_t follow(void *ctx, char *buf, size_t size) {
        struct follower *f = ctx;

        if (f->given == f->pending.len) {
                int64_t r = fill(f);
                if (r < 0)
                        return r;
        }
        size_t left = f->pending.len - f->given, n = left < size ? left : size;
        memcpy(buf, f->pending.octets + f->given, n);
        f->given += n;
        return (int64_t)n;
}

static void follower_free(void *ctx) {
        struct follower *f = ctx;
        text_free(&f->pending);
        free(f);
}

static bool ignore_event(void *ctx, uint64_t sequence, const struct trail_session *s,
                         const struct trail_event *e) {
        (void)ctx, (void)sequence, (void)s, (void)e;
        return false;
}

/* Where to begin: after what the client saw, or with what comes from now on. */
static bool read_after(struct api_call *c, uint64_t *ret) {
        const char *after = api_query(c, "after"), *last = api_header(c, "Last-Event-ID");

        if (last)
                after = last;
        if (!after)
                *ret = c->world->trail_follow(c->world->ctx, UINT64_MAX, 0, ignore_event, NULL);
        else if (text_parse_u64(after, UINT64_MAX - 1, ret) < 0) {
                api_problem_field(c, 400, "after", "after \"%.32s\": the id of an event is wanted, or 0",
                                  after);
                return false;
        }
        return true;
}

void event_follow(struct api_call *c) {
        struct follower *f;
        uint64_t after;

        if (!read_after(c, &after))
                return;
        f = calloc(1, sizeof(*f));
        if (!f) {
                api_problem(c, 500, "out of memory");
                return;
        }
        f->world = c->world;
        f->after = after;
        text_append(&f->pending, ":\n\n"); /* so that the client sees at once that it is connected */
        *c->answer = (struct http_answer){ .content_type = "text/event-stream",
                                           .stream = follow,
                                           .stream_free = follower_free,
                                           .stream_ctx = f };
}
