/* The API's questions, carried over to the control thread; see world.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/brambled/world.h"

#include "io/clock.h"
#include "rack/checkup.h"

/*
 * Each question is a struct that travels over and back; a loop that has stopped answers nothing.
 *
 * What keeps a flood of them from starving DHCP, with which they share a thread: a question is a fraction of
 * a millisecond of work, as lists are asked for by the piece (rack.h); a connection has one under way at a
 * time, and two are answered at once (api/server.c); and the loop gives all of them together 2 ms before the
 * sockets have their turn (io/loop.c), who take 5 ms when they need it (net/dhcp4/server.c).
 */

struct lease_question {
        struct rack *rack;
        uint32_t at;
        bool (*fn)(void *ctx, const struct lease *l);
        void *ctx;
        bool has_more;
};

static void ask_leases(void *ctx) {
        struct lease_question *q = ctx;
        q->has_more = rack_each_lease(q->rack, &q->at, q->fn, q->ctx);
}

static void each_lease(void *ctx, uint32_t after, bool (*fn)(void *fn_ctx, const struct lease *l),
                       void *fn_ctx) {
        const struct world *w = ctx;
        struct lease_question q = { .rack = w->rack, .at = after, .fn = fn, .ctx = fn_ctx };

        while (loop_call(w->loop, ask_leases, &q) && q.has_more)
                ;
}

struct sighting_question {
        struct rack *rack;
        struct mac at;
        bool (*fn)(void *ctx, const struct api_sighting *s);
        void *ctx;
        bool has_more;
};

static bool pass_sighting(void *ctx, const struct sighting *s) {
        const struct sighting_question *q = ctx;
        const struct api_sighting row = {
                .mac = s->known.mac,
                .ip = s->ip,
                .client = s->client == CLIENT_OTHER ? "" : boot_client_by_id(s->client)->name,
                .pi = s->pi,
                .first_s = s->first_s,
                .last_s = s->last_s,
                .why = s->why,
        };
        return q->fn(q->ctx, &row);
}

static void ask_sightings(void *ctx) {
        struct sighting_question *q = ctx;
        q->has_more = rack_each_stranger(q->rack, &q->at, pass_sighting, q);
}

static void each_sighting(void *ctx, const struct mac *after,
                          bool (*fn)(void *fn_ctx, const struct api_sighting *s), void *fn_ctx) {
        const struct world *w = ctx;
        struct sighting_question q = { .rack = w->rack, .at = *after, .fn = fn, .ctx = fn_ctx };

        while (loop_call(w->loop, ask_sightings, &q) && q.has_more)
                ;
}

struct trail_question {
        struct rack *rack;
        const char *machine;
        const struct mac *mac;
        uint64_t at;
        bool (*fn)(void *ctx, const struct trail_session *s);
        void *ctx;
        bool has_more;
};

static void ask_trail(void *ctx) {
        struct trail_question *q = ctx;
        q->has_more = rack_each_boot(q->rack, q->machine, q->mac, &q->at, q->fn, q->ctx);
}

static void each_trail(void *ctx, const char *machine, const struct mac *mac,
                       bool (*fn)(void *fn_ctx, const struct trail_session *s), void *fn_ctx) {
        const struct world *w = ctx;
        struct trail_question q = {
                .rack = w->rack, .machine = machine, .mac = mac, .at = UINT64_MAX, .fn = fn, .ctx = fn_ctx
        };

        while (loop_call(w->loop, ask_trail, &q) && q.has_more)
                ;
}

struct message_question {
        struct rack *rack;
        const struct mac *mac;
        bool (*fn)(void *ctx, int64_t at_ms, const uint8_t *octets, size_t len);
        void *ctx;
        size_t n_left_out;
};

static void ask_messages(void *ctx) {
        struct message_question *q = ctx;
        q->n_left_out = rack_each_message(q->rack, q->mac, q->fn, q->ctx);
}

static size_t each_message(void *ctx, const struct mac *mac,
                           bool (*fn)(void *fn_ctx, int64_t at_ms, const uint8_t *octets, size_t len),
                           void *fn_ctx) {
        const struct world *w = ctx;
        struct message_question q = { .rack = w->rack, .mac = mac, .fn = fn, .ctx = fn_ctx };
        (void)loop_call(w->loop, ask_messages, &q);
        return q.n_left_out;
}

struct follow_question {
        struct rack *rack;
        uint64_t after, newest;
        bool (*fn)(void *ctx, uint64_t sequence, const struct trail_session *s, const struct trail_event *e);
        void *ctx;
};

static int pass_event(void *ctx, uint64_t sequence, const struct trail_session *s,
                      const struct trail_event *e) {
        struct follow_question *q = ctx;
        return !q->fn(q->ctx, sequence, s, e);
}

static void ask_events(void *ctx) {
        struct follow_question *q = ctx;

        q->newest = trail_sequence(rack_trail(q->rack));
        if (q->after < q->newest)
                (void)trail_since(rack_trail(q->rack), q->after, pass_event, q);
}

static uint64_t trail_follow(void *ctx, uint64_t after, unsigned wait_ms,
                             bool (*fn)(void *fn_ctx, uint64_t sequence, const struct trail_session *s,
                                        const struct trail_event *e),
                             void *fn_ctx) {
        const struct world *w = ctx;
        struct follow_question q = {
                .rack = w->rack, .after = after, .newest = after, .fn = fn, .ctx = fn_ctx
        };

        uint64_t mark = rack_news_mark(w->rack);
        if (!loop_call(w->loop, ask_events, &q) || after == UINT64_MAX || q.newest > after || wait_ms == 0)
                return q.newest;
        rack_news_wait(w->rack, mark, wait_ms);
        (void)loop_call(w->loop, ask_events, &q);
        return q.newest;
}

struct status_question {
        struct rack *rack;
        void (*fn)(void *ctx, const char *name, uint64_t value);
        void *ctx;
};

static void ask_status(void *ctx) {
        const struct status_question *q = ctx;
        rack_status(q->rack, q->fn, q->ctx);
}

static void status(void *ctx, void (*fn)(void *fn_ctx, const char *name, uint64_t value), void *fn_ctx) {
        const struct world *w = ctx;
        struct status_question q = { w->rack, fn, fn_ctx };
        (void)loop_call(w->loop, ask_status, &q);
}

struct problem_question {
        struct rack *rack;
        void (*fn)(void *ctx, const char *sentence);
        void *ctx;
};

static void ask_problems(void *ctx) {
        const struct problem_question *q = ctx;
        rack_each_problem(q->rack, q->fn, q->ctx);
}

static void each_problem(void *ctx, void (*fn)(void *fn_ctx, const char *sentence), void *fn_ctx) {
        const struct world *w = ctx;
        struct problem_question q = { w->rack, fn, fn_ctx };
        (void)loop_call(w->loop, ask_problems, &q);
}

struct site_question {
        struct rack *rack;
        struct storage *storage;
        struct site_facts *ret;
};

static void ask_site(void *ctx) {
        const struct site_question *q = ctx;
        rack_site_facts(q->rack, q->ret);
        storage_facts(q->storage, q->ret);
}

static void site_facts(void *ctx, struct site_facts *ret) {
        const struct world *w = ctx;
        struct site_question q = { w->rack, w->storage, ret };

        *ret = (struct site_facts){};
        (void)loop_call(w->loop, ask_site, &q);
}

struct ask_question {
        struct rack *rack;
        const struct machine *machine;
        const struct mac *mac;
        enum boot_client_id client;
        struct boot_ask *ret;
        bool is_known;
};

static void ask_ask(void *ctx) {
        struct ask_question *q = ctx;
        q->is_known = rack_ask_for(q->rack, q->machine, q->mac, q->client, q->ret);
}

static bool ask_for(void *ctx, const struct machine *m, const struct mac *mac, enum boot_client_id client,
                    struct boot_ask *ret) {
        const struct world *w = ctx;
        struct ask_question q = { .rack = w->rack, .machine = m, .mac = mac, .client = client, .ret = ret };
        return loop_call(w->loop, ask_ask, &q) && q.is_known;
}

struct activity_question {
        const struct life *life;
        const struct machine *machine;
        struct life_view *ret;
        bool is_known;
};

static void ask_activity(void *ctx) {
        struct activity_question *q = ctx;
        q->is_known = life_view(q->life, q->machine, clock_unix_s(), q->ret);
}

static bool activity(void *ctx, const struct machine *m, struct life_view *ret) {
        const struct world *w = ctx;
        struct activity_question q = { .life = w->life, .machine = m, .ret = ret };
        return loop_call(w->loop, ask_activity, &q) && q.is_known;
}

static int power(void *ctx, const struct machine *m, enum power_action action, struct power_outcome *ret,
                 struct error *reterr) {
        const struct world *w = ctx;
        return switchboard_act(w->board, m, action, ret, reterr);
}

static struct blob *open_blob(void *ctx, const struct blob_id *id, int *error) {
        const struct world *w = ctx;
        return store_open_blob(w->store, id, error);
}

static int sign(void *ctx, const char *key, struct boot_file *file, struct boot_file **ret) {
        const struct world *w = ctx;
        return rack_sign(w->rack, key, file, ret);
}

struct api_world world_table(struct world *w, struct region *region, struct store *store) {
        w->store = store;
        w->blobs = (struct blob_source){ .open = open_blob, .sign = sign, .ctx = w };
        return (struct api_world){
                .keeper = region_keeper(region),
                .store = store,
                .life = w->life,
                .reader = w->reader,
                .ctx = w,
                .each_lease = each_lease,
                .each_sighting = each_sighting,
                .power = power,
                .activity = activity,
                .each_trail = each_trail,
                .each_message = each_message,
                .trail_follow = trail_follow,
                .status = status,
                .each_problem = each_problem,
                .site_facts = site_facts,
                .blobs = &w->blobs,
                .ask_for = ask_for,
        };
}
