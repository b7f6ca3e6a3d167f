/*
 * The region; see region.h.
 *
 * A change goes through four lists: incoming (from any thread, under the lock), waiting, in work (one batch
 * at the database's writer), written (committed, not yet published). `head` is the state with the batch in
 * work, `committed` the one without.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "core/db/writer.h"
#include "core/image/store.h"
#include "io/clock.h"
#include "io/crypto.h"
#include "io/log.h"
#include "io/queue.h"
#include "region/change.h"
#include "region/load.h"
#include "region/region.h"

enum {
        PUBLISH_MS = 20, /* apart, at least: readers' caches live as long as a snapshot */
        BATCH_MAX = 256, /* changes in one transaction */
        WAKES_MAX = 4,   /* one would do: a wake that finds the queue full is already under way */
};

#define OUTDATED "another change came first"
#define STOPPING "Bramble is stopping, nothing was changed"

struct region {
        struct region_config config;
        struct published published;

        /* Between threads, under the lock. */
        pthread_mutex_t lock;
        pthread_cond_t answered;
        struct list incoming;
        bool is_stopping;
        bool is_written; /* the writer is done with the batch */
        int written_result;
        struct error written_error;
        struct queue *wake; /* tells the control thread that the above changed */

        /* The control thread's own. */
        struct loop_io *wake_io;
        struct loop_timer *publish_timer;
        struct db_writer *writer;
        struct site *head, *committed;
        uint64_t next_id[REGION_KINDS];
        struct list waiting, in_work, written;
        struct list outdated; /* decided on a state that is no longer; told when the newer one can be seen */
        struct db_change rows[BATCH_MAX * REGION_ROWS_MAX];
        size_t n_rows, n_in_work; /* rows of so many changes */
        size_t n_alone; /* so many of those waiting go one by one: together they failed, and one of them is
                           why */
        bool is_publish_due;
        uint64_t published_ms;
};

static struct region_change *change_of(struct list *link) {
        return LIST_ITEM(link, struct region_change, link);
}

static void move_all(struct list *from, struct list *to) {
        LIST_FOR_EACH(link, from) {
                list_remove(link);
                list_append(to, link);
        }
}

static void wake(struct region *r) {
        const char any = 0;
        (void)queue_send(r->wake, &any); /* full: the control thread is about to look anyway */
}

/* The change is its caller's again as soon as the lock is given back. */
static void answer(struct region *r, struct region_change *c, int result) {
        list_remove(&c->link);
        if (c->decided)
                c->decided(c->decide_ctx, r->committed, result, &c->error);
        if (c->is_own) {
                region_change_free(c);
                return;
        }
        (void)pthread_mutex_lock(&r->lock);
        c->result = result;
        c->is_done = true;
        (void)pthread_cond_broadcast(&r->answered);
        (void)pthread_mutex_unlock(&r->lock);
}

static void answer_all(struct region *r, struct list *changes, int result, const char *why) {
        LIST_FOR_EACH(link, changes) {
                struct region_change *c = change_of(link);
                if (result < 0)
                        (void)error_set(&c->error, result, "%s", why);
                answer(r, c, result);
        }
}

static void set_site(struct site **at, const struct site *s) {
        struct site *old = *at;
        *at = site_take(s);
        site_drop(old);
}

static void publish(void *ctx) {
        struct region *r = ctx;

        r->is_publish_due = false;
        r->published_ms = clock_now_ms();
        published_set(&r->published, site_take(r->committed));
        if (r->config.changed)
                r->config.changed(r->config.ctx, r->committed);
        answer_all(r, &r->written, 0, NULL);
        answer_all(r, &r->outdated, -EAGAIN, OUTDATED);
}

static void publish_soon(struct region *r) {
        uint64_t since_ms = clock_now_ms() - r->published_ms;

        if (r->is_publish_due)
                return;
        r->is_publish_due = true;
        if (since_ms >= PUBLISH_MS)
                publish(r);
        else
                loop_timer_set(r->publish_timer, PUBLISH_MS - since_ms, 0);
}

/* The batch in work is on disk, or failed as a whole. */
static void finish_batch(struct region *r, int result, const struct error *error) {
        size_t n = r->n_in_work;

        r->n_in_work = r->n_rows = 0;
        if (result == 0) {
                set_site(&r->committed, r->head);
                move_all(&r->in_work, &r->written);
                publish_soon(r);
                return;
        }
        set_site(&r->head, r->committed);
        answer_all(r, &r->outdated, -EAGAIN, OUTDATED);
        if (n == 1) {
                answer_all(r, &r->in_work, result, error->text);
                return;
        }
        move_all(&r->waiting, &r->in_work); /* those that failed together come first, in their order */
        move_all(&r->in_work, &r->waiting);
        r->n_alone = n;
}

/* Checks one change against the head and makes it part of the batch, or answers it. */
static void add_to_batch(struct region *r, struct region_change *c) {
        int64_t now_s = clock_unix_s();
        int decided = c->decide ? region_change_decide(c, r->head, now_s) : 1;
        if (decided <= 0) {
                answer(r, c, decided);
                return;
        }
        if (!c->is_numbered)
                region_change_number(c, &r->next_id[c->kind], now_s);
        c->is_numbered = true;

        struct site *next = region_change_apply(r->head, c);
        bool is_unseen = !list_is_empty(&r->in_work) || !list_is_empty(&r->written);
        if (!next && c->error.code == -EAGAIN && is_unseen) {
                list_remove(&c->link);
                list_append(&r->outdated, &c->link);
                return;
        }
        if (!next) {
                answer(r, c, c->error.code);
                return;
        }
        site_drop(r->head);
        r->head = next;
        r->n_rows += region_change_rows(c, r->rows + r->n_rows);
        r->n_in_work++;
        list_remove(&c->link);
        list_append(&r->in_work, &c->link);
}

static void start_batch(struct region *r) {
        size_t max = BATCH_MAX;

        if (r->n_in_work > 0)
                return;
        if (r->n_alone > 0) {
                max = 1;
                r->n_alone--;
        }
        while (r->n_in_work < max && !list_is_empty(&r->waiting))
                add_to_batch(r, change_of(r->waiting.next));
        if (r->n_in_work > 0)
                db_writer_submit(r->writer, r->rows, r->n_rows);
}

/* On the writer's thread. */
static void on_written(void *ctx, int result, const struct error *error) {
        struct region *r = ctx;

        (void)pthread_mutex_lock(&r->lock);
        r->is_written = true;
        r->written_result = result;
        r->written_error = *error;
        (void)pthread_mutex_unlock(&r->lock);
        wake(r);
}

/* On the control thread: something came in, or the batch is done. */
static void look(struct region *r) {
        struct error error = {};

        (void)pthread_mutex_lock(&r->lock);
        move_all(&r->incoming, &r->waiting);
        bool is_written = r->is_written;
        int result = r->written_result;
        if (is_written)
                error = r->written_error;
        r->is_written = false;
        (void)pthread_mutex_unlock(&r->lock);

        if (is_written) {
                if (result < 0)
                        log_error("region: the database refused changes, nothing was changed", "why",
                                  error.text);
                finish_batch(r, result, &error);
        }
}

static void on_wake(void *ctx) {
        struct region *r = ctx;
        char any[WAKES_MAX];

        (void)queue_receive(r->wake, any, sizeof(any));
        look(r);
        start_batch(r);
}

/* From any other thread: hands a change to the control thread and waits for its answer. */
static int carry_out(struct region *r, struct region_change *c, struct error *reterr) {
        (void)pthread_mutex_lock(&r->lock);
        if (r->is_stopping) {
                (void)pthread_mutex_unlock(&r->lock);
                return error_set(reterr, -ESHUTDOWN, STOPPING);
        }
        list_append(&r->incoming, &c->link);
        wake(r);
        while (!c->is_done)
                (void)pthread_cond_wait(&r->answered, &r->lock);
        (void)pthread_mutex_unlock(&r->lock);

        if (c->result < 0 && reterr)
                *reterr = c->error;
        return c->result;
}

static struct site *keeper_site(void *ctx) {
        struct region *r = ctx;
        return published_take(&r->published);
}

static int keeper_machine(void *ctx, const struct machine *was, struct machine *now, struct error *reterr) {
        return carry_out(
                ctx, &(struct region_change){ .kind = REGION_MACHINE, .was_machine = was, .machine = now },
                reterr);
}

static int keeper_subnet(void *ctx, const struct subnet *was, struct subnet *now, struct error *reterr) {
        return carry_out(ctx,
                         &(struct region_change){ .kind = REGION_SUBNET, .was_subnet = was, .subnet = now },
                         reterr);
}

static int keeper_script(void *ctx, const struct script *was, struct script *now, struct error *reterr) {
        return carry_out(ctx,
                         &(struct region_change){ .kind = REGION_SCRIPT, .was_script = was, .script = now },
                         reterr);
}

static int keeper_config_lines(void *ctx, const struct config_lines *was, struct config_lines *now,
                               struct error *reterr) {
        return carry_out(ctx,
                         &(struct region_change){
                                 .kind = REGION_CONFIG_LINES, .was_config_lines = was, .config_lines = now },
                         reterr);
}

static int note_blobs(void *ctx, const struct image *i) {
        int r = 0;

        for (size_t n = 0; n < i->n_files && r >= 0; n++)
                r = map_put(ctx, &i->files[n].blob, sizeof(i->files[n].blob), ctx, NULL);
        return r;
}

static bool is_used(void *ctx, const struct blob_id *id) {
        return map_get(ctx, id, sizeof(*id)) != NULL;
}

/* Removes blobs that no image of @s holds. What goes wrong here costs room on the disk, and nothing else. */
static void collect(const struct region *r, const struct site *s,
                    int (*fn)(struct store *store, bool (*is_used)(void *ctx, const struct blob_id *id),
                              void *ctx, int64_t now_s)) {
        CLEANUP(map_free_at) struct map *used = map_new(random_hash_key());

        int n = used && site_each_image(s, note_blobs, used) == 0
                        ? fn(r->config.store, is_used, used, clock_unix_s())
                        : -ENOMEM;
        if (n < 0)
                log_warn("region: blobs that no image uses stay", "why", strerror(-n));
}

static int keeper_image(void *ctx, const struct image *was, struct image *now, struct error *reterr) {
        struct region *r = ctx;
        int result = carry_out(
                r, &(struct region_change){ .kind = REGION_IMAGE, .was_image = was, .image = now }, reterr);

        if (result == 0 && was && r->config.store) {
                CLEANUP(site_drop_at) struct site *s = published_take(&r->published);
                collect(r, s, store_collect);
        }
        return result;
}

static void keep_decision(void *ctx, life_decide_fn decide, life_decided_fn decided, void *fn_ctx) {
        struct region *r = ctx;
        struct region_change *c = region_change_new(decide, decided, fn_ctx);
        struct error error = {};

        (void)pthread_mutex_lock(&r->lock);
        bool is_stopping = r->is_stopping;
        if (c && !is_stopping)
                list_append(&r->incoming, &c->link);
        (void)pthread_mutex_unlock(&r->lock);
        if (c && !is_stopping) {
                wake(r);
                return;
        }
        region_change_free(c);
        int e = is_stopping ? error_set(&error, -ESHUTDOWN, "%s", STOPPING)
                            : error_set(&error, -ENOMEM, "out of memory");
        decided(fn_ctx, r->committed, e, &error);
}

static int keep_decision_and_wait(void *ctx, life_decide_fn decide, life_decided_fn decided, void *fn_ctx,
                                  struct error *reterr) {
        struct region_change c = {
                .kind = REGION_MACHINE, .decide = decide, .decided = decided, .decide_ctx = fn_ctx
        };
        int result = carry_out(ctx, &c, reterr);

        life_outcome_clear(&c.outcome);
        return result;
}

struct life_keeper region_life_keeper(struct region *r) {
        return (struct life_keeper){ .ctx = r,
                                     .site = keeper_site,
                                     .decide = keep_decision,
                                     .decide_and_wait = keep_decision_and_wait };
}

struct site_keeper region_keeper(struct region *r) {
        return (struct site_keeper){ .ctx = r,
                                     .site = keeper_site,
                                     .machine = keeper_machine,
                                     .subnet = keeper_subnet,
                                     .image = keeper_image,
                                     .script = keeper_script,
                                     .config_lines = keeper_config_lines };
}

struct published *region_published(struct region *r) {
        return &r->published;
}

static void *take_site(void *s) {
        return site_take(s);
}

static void drop_site(void *s) {
        site_drop(s);
}

static struct region *region_new(const struct region_config *config) {
        struct region *r = calloc(1, sizeof(*r));
        if (!r)
                return NULL;
        *r = (struct region){ .config = *config,
                              .lock = PTHREAD_MUTEX_INITIALIZER,
                              .answered = PTHREAD_COND_INITIALIZER };
        published_init(&r->published, take_site, drop_site);
        list_init(&r->incoming);
        list_init(&r->waiting);
        list_init(&r->in_work);
        list_init(&r->written);
        list_init(&r->outdated);
        return r;
}

DEFINE_CLEANUP(struct region, region_free)

static int load_all(struct region *r, struct db *db, struct error *reterr) {
        static const char *const tables[REGION_KINDS] = {
                [REGION_MACHINE] = "machine",
                [REGION_SUBNET] = "subnet",
                [REGION_IMAGE] = "image",
                [REGION_SCRIPT] = "script",
                [REGION_CONFIG_LINES] = "config_lines",
        };
        for (size_t i = 0; i < REGION_KINDS; i++) {
                int e = db_last_id(db, tables[i], &r->next_id[i], reterr);
                if (e < 0)
                        return e;
                r->next_id[i]++;
        }
        return region_load(db, r->config.boards, &r->committed, reterr);
}

int region_open(const struct region_config *config, struct region **ret, struct error *reterr) {
        CLEANUP(region_free_at) struct region *r = region_new(config);
        CLEANUP(db_close_at) struct db *db = NULL;
        if (!r)
                return error_set(reterr, -ENOMEM, "region: out of memory");

        int e = db_open(config->database, &db, reterr);
        if (e == 0)
                e = load_all(r, db, reterr);
        if (e < 0)
                return e;
        r->head = site_take(r->committed);
        if (config->store)
                collect(r, r->committed, store_collect_interrupted);
        r->wake = queue_new(WAKES_MAX, sizeof(char));
        r->wake_io = r->wake ? loop_watch(config->loop, queue_fd(r->wake), on_wake, r) : NULL;
        r->publish_timer = loop_timer_new(config->loop, publish, r);
        if (!r->wake_io || !r->publish_timer) {
                region_stop(r);
                return error_set(reterr, -ENOMEM, "region: out of memory");
        }
        e = db_writer_start(db, on_written, r, &r->writer, reterr);
        if (e < 0) {
                region_stop(r);
                return e;
        }
        (void)TAKE(db);
        publish(r);
        *ret = TAKE(r);
        return 0;
}

void region_stop(struct region *r) {
        if (!r)
                return;
        (void)pthread_mutex_lock(&r->lock);
        r->is_stopping = true;
        (void)pthread_mutex_unlock(&r->lock);

        db_writer_stop(TAKE(r->writer)); /* after the batch in work */
        look(r);
        if (!list_is_empty(&r->written))
                publish(r);
        move_all(&r->outdated, &r->waiting);
        answer_all(r, &r->waiting, -ESHUTDOWN, STOPPING);

        loop_unwatch(TAKE(r->wake_io));
        loop_timer_free(TAKE(r->publish_timer));
}

void region_free(struct region *r) {
        if (!r)
                return;
        assert(!r->writer);
        queue_free(r->wake);
        site_drop(r->head);
        site_drop(r->committed);
        published_destroy(&r->published);
        (void)pthread_mutex_destroy(&r->lock);
        (void)pthread_cond_destroy(&r->answered);
        free(r);
}
