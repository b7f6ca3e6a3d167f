/* Threads for power actions; see runner.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "core/power/power_queue.h"
#include "core/power/runner.h"
#include "io/clock.h"

enum { AT_ONCE = 16, POST_AGAIN_MS = 50 };

enum stage { WAITING, OFFERED, RUNNING };

struct run {
        struct power_runner *runner;
        struct power_order order;
        enum stage stage;
        pthread_t thread; /* RUNNING */
        int result;
        struct power_outcome outcome;
        struct error error;
};

struct power_runner {
        struct power_runner_config config;
        struct power_queue *queue;
        struct map *runs; /* by job */
        struct loop_timer *timer;
        atomic_bool is_stopping;
};

static void run_free(struct run *run) {
        if (!run)
                return;
        power_params_free(run->order.params);
        free(run);
}
DEFINE_CLEANUP(struct run, run_free)

/* ---- On a thread of the run's own ---- */

static bool may_go_on(void *ctx) {
        const struct run *run = ctx;
        return !atomic_load(&run->runner->is_stopping);
}

static bool is_answering(void *ctx) {
        const struct run *run = ctx;
        const struct power_runner_config *c = &run->runner->config;
        return c->is_answering && c->is_answering(c->ctx, &run->order);
}

static void on_end(void *ctx);

static void *act(void *ctx) {
        struct run *run = ctx;
        const struct power_order *o = &run->order;
        const struct power_target t = { .driver = o->params->driver,
                                        .params = o->params,
                                        .machine = o->name,
                                        .macs = o->macs,
                                        .n_macs = o->n_macs,
                                        .interface = o->interface,
                                        .neighbour = *o->neighbour.chassis ? &o->neighbour : NULL,
                                        .host = &run->runner->config.host,
                                        .may_go_on = may_go_on,
                                        .is_answering = is_answering,
                                        .ctx = run };

        run->result = power_act(&t, o->action, &run->outcome, &run->error);
        /* The loop may have too much to do just now. */
        while (!loop_post(run->runner->config.loop, on_end, run) && may_go_on(run))
                (void)poll(NULL, 0, POST_AGAIN_MS);
        return NULL;
}

/* ---- On the control thread ---- */

/* Not at once: who asks may be in the middle of something. */
static void look_again(struct power_runner *r) {
        const uint64_t wait_ms = power_queue_wait_ms(r->queue, clock_now_ms());

        if (wait_ms == UINT64_MAX)
                loop_timer_stop(r->timer);
        else
                loop_timer_set(r->timer, wait_ms, 0);
}

static void forget(struct power_runner *r, struct run *run) {
        (void)map_remove(r->runs, &run->order.job, sizeof(run->order.job));
        if (!power_queue_drop(r->queue, run->order.job))
                power_queue_done(r->queue, run->order.job);
        look_again(r);
}

static void finish(struct run *run) {
        const struct power_runner_config *c = &run->runner->config;

        forget(run->runner, run);
        c->done(c->ctx, &run->order, run->result, &run->outcome, &run->error);
        run_free(run);
}

static void on_end(void *ctx) {
        struct run *run = ctx;

        (void)pthread_join(run->thread, NULL);
        finish(run);
}

static void start(struct run *run) {
        int e = pthread_create(&run->thread, NULL, act, run);
        if (e == 0) {
                run->stage = RUNNING;
                return;
        }
        run->result = error_set(&run->error, -e, "power: no thread for %s: %s", run->order.name, strerror(e));
        finish(run);
}

static void on_time(void *ctx) {
        struct power_runner *r = ctx;
        struct power_job job;

        while (power_queue_next(r->queue, clock_now_ms(), &job)) {
                struct run *run = map_get(r->runs, &job.id, sizeof(job.id));
                run->stage = OFFERED;
                if (r->config.turn)
                        r->config.turn(r->config.ctx, job.machine, job.id);
                else
                        start(run);
        }
        look_again(r);
}

void power_runner_go(struct power_runner *r, uint64_t job) {
        struct run *run = map_get(r->runs, &job, sizeof(job));

        if (run && run->stage == OFFERED)
                start(run);
}

void power_runner_drop(struct power_runner *r, uint64_t job) {
        struct run *run = map_get(r->runs, &job, sizeof(job));

        if (!run || run->stage == RUNNING)
                return;
        forget(r, run);
        run_free(run);
}

static int queue(struct power_runner *r, struct run *run, struct error *reterr) {
        const struct power_order *o = &run->order;
        const struct power_driver *d = o->params->driver;
        struct power_job job = { .id = o->job,
                                 .machine = o->machine,
                                 .action = o->action,
                                 .at_once = d->at_once,
                                 .stagger_ms = d->stagger_ms };

        power_controller(o->params, job.controller, sizeof(job.controller));
        if (map_put(r->runs, &o->job, sizeof(o->job), run, NULL) < 0)
                return error_set(reterr, -ENOMEM, "out of memory");
        int e = power_queue_add(r->queue, &job);
        if (e == 0)
                return 0;
        (void)map_remove(r->runs, &o->job, sizeof(o->job));
        return error_set(reterr, e, "power: there are too many actions under way already");
}

int power_runner_ask(struct power_runner *r, const struct power_order *order, struct error *reterr) {
        CLEANUP(run_free_at) struct run *run = calloc(1, sizeof(*run));

        if (!run) {
                power_params_free(order->params);
                return error_set(reterr, -ENOMEM, "out of memory");
        }
        run->runner = r;
        run->order = *order;
        if (map_get(r->runs, &order->job, sizeof(order->job)))
                return error_set(reterr, -EEXIST, "power: this was asked for already");
        int e = queue(r, run, reterr);
        if (e < 0)
                return e;
        (void)TAKE(run);
        look_again(r);
        return 0;
}

int power_runner_start(const struct power_runner_config *config, struct power_runner **ret,
                       struct error *reterr) {
        CLEANUP(power_runner_stop_at) struct power_runner *r = calloc(1, sizeof(*r));

        if (!r)
                return error_set(reterr, -ENOMEM, "out of memory");
        r->config = *config;
        r->queue = power_queue_new(config->at_once ? config->at_once : AT_ONCE, config->stagger_ms);
        r->runs = map_new((struct hash_key){}); /* jobs are numbers of ours */
        r->timer = loop_timer_new(config->loop, on_time, r);
        if (!r->queue || !r->runs || !r->timer)
                return error_set(reterr, -ENOMEM, "out of memory");
        *ret = TAKE(r);
        return 0;
}

void power_runner_stop(struct power_runner *r) {
        size_t cursor = 0;

        if (!r)
                return;
        atomic_store(&r->is_stopping, true);
        for (struct run *run; r->runs && (run = map_next(r->runs, &cursor));) {
                if (run->stage == RUNNING)
                        (void)pthread_join(run->thread, NULL);
                else
                        run->result = error_set(&run->error, -ESHUTDOWN, "the daemon is stopping");
                r->config.done(r->config.ctx, &run->order, run->result, &run->outcome, &run->error);
                run_free(run);
        }
        map_free(r->runs);
        power_queue_free(r->queue);
        loop_timer_free(r->timer);
        free(r);
}
