/* When a power action may start; see power_queue.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/list.h"
#include "base/map.h"
#include "core/power/power_queue.h"

/* A machine that has jobs, the oldest first. Only that one may start, and while it runs it is still the
 * oldest. */
struct machine_row {
        uint64_t id;
        struct list jobs;
};

/* A switch or BMC that ever had a job. It is kept: there are as many as in the operator's parameters, and
 * when it last started something must be known later. */
struct controller_row {
        char name[POWER_CONTROLLER_SIZE];
        unsigned running;
        bool has_started;
        uint64_t started_ms; /* the last start that draws current */
};

struct entry {
        struct power_job job;
        struct list place; /* among those that wait, in order of arrival; in none while it runs */
        struct list of_machine;
        struct machine_row *machine;
        struct controller_row *controller; /* NULL: the machine's own */
        bool is_running;
};

struct power_queue {
        unsigned at_once, stagger_ms;
        unsigned running;
        bool has_started;
        uint64_t started_ms;
        struct list waiting;
        struct map *entries;     /* by job id */
        struct map *machines;    /* by machine id */
        struct map *controllers; /* by name */
};

/* Ids and names are ours and the operator's: nobody can choose them to collide. */
static const struct hash_key no_key;

struct power_queue *power_queue_new(unsigned at_once, unsigned stagger_ms) {
        CLEANUP(power_queue_free_at) struct power_queue *q = calloc(1, sizeof(*q));

        if (!q)
                return NULL;
        list_init(&q->waiting);
        q->at_once = at_once;
        q->stagger_ms = stagger_ms;
        q->entries = map_new(no_key);
        q->machines = map_new(no_key);
        q->controllers = map_new(no_key);
        if (!q->entries || !q->machines || !q->controllers)
                return NULL;
        return TAKE(q);
}

static void free_values(struct map *m) {
        size_t cursor = 0;

        for (void *value; m && (value = map_next(m, &cursor));)
                free(value);
        map_free(m);
}

void power_queue_free(struct power_queue *q) {
        if (!q)
                return;
        free_values(q->entries);
        free_values(q->machines);
        free_values(q->controllers);
        free(q);
}

/* The row of a machine, made if there is none; NULL: out of memory. */
static struct machine_row *machine_of(struct power_queue *q, uint64_t id) {
        struct machine_row *row = map_get(q->machines, &id, sizeof(id));

        if (row)
                return row;
        row = calloc(1, sizeof(*row));
        if (!row)
                return NULL;
        row->id = id;
        list_init(&row->jobs);
        if (map_put(q->machines, &id, sizeof(id), row, NULL) == 0)
                return row;
        free(row);
        return NULL;
}

static struct controller_row *controller_of(struct power_queue *q, const char *name) {
        struct controller_row *row = map_get(q->controllers, name, strlen(name));

        if (row)
                return row;
        row = calloc(1, sizeof(*row));
        if (!row)
                return NULL;
        memcpy(row->name, name, strlen(name) + 1);
        if (map_put(q->controllers, name, strlen(name), row, NULL) == 0)
                return row;
        free(row);
        return NULL;
}

static void drop_machine_if_idle(struct power_queue *q, struct machine_row *row) {
        if (!list_is_empty(&row->jobs))
                return;
        (void)map_remove(q->machines, &row->id, sizeof(row->id));
        free(row);
}

int power_queue_add(struct power_queue *q, const struct power_job *job) {
        if (map_get(q->entries, &job->id, sizeof(job->id)))
                return -EEXIST;
        if (map_len(q->entries) >= POWER_QUEUE_MAX)
                return -ENOSPC;
        CLEANUP(free_at) struct entry *e = calloc(1, sizeof(*e));
        struct machine_row *machine = e ? machine_of(q, job->machine) : NULL;
        if (!machine)
                return -ENOMEM;
        e->job = *job;
        e->machine = machine;
        e->controller = *job->controller ? controller_of(q, job->controller) : NULL;
        if ((*job->controller && !e->controller) ||
            map_put(q->entries, &job->id, sizeof(job->id), e, NULL) < 0) {
                drop_machine_if_idle(q, machine);
                return -ENOMEM;
        }
        list_append(&q->waiting, &e->place);
        list_append(&machine->jobs, &e->of_machine);
        (void)TAKE(e);
        return 0;
}

static bool draws_current(const struct power_job *job) {
        return job->action == POWER_TURN_ON || job->action == POWER_CYCLE || job->action == POWER_BOOT;
}

static uint64_t rest_of(bool has_started, uint64_t started_ms, unsigned stagger_ms, uint64_t now_ms) {
        const uint64_t gone_ms = now_ms - started_ms;
        return has_started && gone_ms < stagger_ms ? stagger_ms - gone_ms : 0;
}

/* How long until the job may start, if nothing but time passes; UINT64_MAX: another job has to end first. */
static uint64_t wait_of(const struct power_queue *q, const struct entry *e, uint64_t now_ms) {
        const struct controller_row *c = e->controller;

        if (q->running >= q->at_once || e->machine->jobs.next != &e->of_machine ||
            (c && c->running >= (e->job.at_once ? e->job.at_once : 1)))
                return UINT64_MAX;
        if (!draws_current(&e->job))
                return 0;
        const uint64_t of_all = rest_of(q->has_started, q->started_ms, q->stagger_ms, now_ms);
        const uint64_t of_one = c ? rest_of(c->has_started, c->started_ms, e->job.stagger_ms, now_ms) : 0;
        return of_all > of_one ? of_all : of_one;
}

static void start(struct power_queue *q, struct entry *e, uint64_t now_ms) {
        list_remove(&e->place);
        e->is_running = true;
        q->running++;
        if (e->controller)
                e->controller->running++;
        if (!draws_current(&e->job))
                return;
        q->has_started = true;
        q->started_ms = now_ms;
        if (e->controller) {
                e->controller->has_started = true;
                e->controller->started_ms = now_ms;
        }
}

bool power_queue_next(struct power_queue *q, uint64_t now_ms, struct power_job *ret) {
        LIST_FOR_EACH(at, &q->waiting) {
                struct entry *e = LIST_ITEM(at, struct entry, place);
                if (wait_of(q, e, now_ms) > 0)
                        continue;
                start(q, e, now_ms);
                *ret = e->job;
                return true;
        }
        return false;
}

uint64_t power_queue_wait_ms(const struct power_queue *q, uint64_t now_ms) {
        uint64_t least = UINT64_MAX;

        LIST_FOR_EACH(at, &q->waiting) {
                const uint64_t wait = wait_of(q, LIST_ITEM(at, struct entry, place), now_ms);
                least = wait < least ? wait : least;
        }
        return least;
}

static void forget(struct power_queue *q, struct entry *e) {
        (void)map_remove(q->entries, &e->job.id, sizeof(e->job.id));
        list_remove(&e->place);
        list_remove(&e->of_machine);
        drop_machine_if_idle(q, e->machine);
        free(e);
}

void power_queue_done(struct power_queue *q, uint64_t id) {
        struct entry *e = map_get(q->entries, &id, sizeof(id));

        if (!e || !e->is_running)
                return;
        q->running--;
        if (e->controller)
                e->controller->running--;
        forget(q, e);
}

bool power_queue_drop(struct power_queue *q, uint64_t id) {
        struct entry *e = map_get(q->entries, &id, sizeof(id));

        if (!e || e->is_running)
                return false;
        forget(q, e);
        return true;
}

size_t power_queue_len(const struct power_queue *q) {
        return map_len(q->entries);
}
