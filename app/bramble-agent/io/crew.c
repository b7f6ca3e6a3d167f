/* Threads with a queue; see crew.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "app/bramble-agent/io/crew.h"

struct crew {
        struct crew_work work;
        pthread_mutex_t lock;
        pthread_cond_t has_items, has_room;
        bool is_ending; /* no more items come */
        struct error error;
        int failed; /* the first error's code */
        unsigned n_workers, n_started, n_waiting, n_items, first;
        void **items; /* a ring */
        struct worker {
                struct crew *crew;
                pthread_t thread;
                unsigned number;
        } * workers;
};

static void *next_item(struct crew *c) {
        void *item = NULL;

        (void)pthread_mutex_lock(&c->lock);
        while (c->n_items == 0 && !c->is_ending && !c->failed)
                (void)pthread_cond_wait(&c->has_items, &c->lock);
        if (c->n_items > 0 && !c->failed) {
                item = c->items[c->first];
                c->first = (c->first + 1) % c->n_waiting;
                c->n_items--;
                (void)pthread_cond_signal(&c->has_room);
        }
        (void)pthread_mutex_unlock(&c->lock);
        return item;
}

static void *work(void *arg) {
        struct worker *w = arg;
        struct crew *c = w->crew;

        for (void *item; (item = next_item(c));) {
                struct error error = { 0 };
                int r = c->work.work(c->work.ctx, w->number, item, &error);
                if (r >= 0)
                        continue;
                (void)pthread_mutex_lock(&c->lock);
                if (!c->failed) {
                        c->failed = r;
                        c->error = error;
                }
                (void)pthread_cond_broadcast(&c->has_items);
                (void)pthread_cond_broadcast(&c->has_room);
                (void)pthread_mutex_unlock(&c->lock);
        }
        return NULL;
}

unsigned crew_size(unsigned most) {
        long n = sysconf(_SC_NPROCESSORS_ONLN);
        return n < 1 ? 1 : n > (long)most ? most : (unsigned)n;
}

static void end(struct crew *c) {
        (void)pthread_mutex_lock(&c->lock);
        c->is_ending = true;
        (void)pthread_cond_broadcast(&c->has_items);
        (void)pthread_mutex_unlock(&c->lock);
        for (unsigned i = 0; i < c->n_started; i++)
                (void)pthread_join(c->workers[i].thread, NULL);
        c->n_started = 0;
        for (; c->n_items > 0; c->n_items--, c->first = (c->first + 1) % c->n_waiting)
                c->work.drop(c->items[c->first]);
}

struct crew *crew_start(unsigned n_workers, unsigned n_waiting, const struct crew_work *work_row) {
        CLEANUP(crew_free_at) struct crew *c = calloc(1, sizeof(*c));

        if (!c)
                return NULL;
        c->work = *work_row;
        c->n_workers = n_workers;
        c->n_waiting = n_waiting;
        (void)pthread_mutex_init(&c->lock, NULL);
        (void)pthread_cond_init(&c->has_items, NULL);
        (void)pthread_cond_init(&c->has_room, NULL);
        c->items = calloc(n_waiting, sizeof(*c->items));
        c->workers = calloc(n_workers, sizeof(*c->workers));
        if (!c->items || !c->workers)
                return NULL;
        for (unsigned i = 0; i < n_workers; i++) {
                c->workers[i].crew = c;
                c->workers[i].number = i;
                if (pthread_create(&c->workers[i].thread, NULL, work, &c->workers[i]) != 0)
                        return NULL;
                c->n_started++;
        }
        return TAKE(c);
}

int crew_give(struct crew *c, void *item) {
        (void)pthread_mutex_lock(&c->lock);
        while (c->n_items == c->n_waiting && !c->failed)
                (void)pthread_cond_wait(&c->has_room, &c->lock);
        int r = c->failed;
        if (r == 0) {
                c->items[(c->first + c->n_items++) % c->n_waiting] = item;
                (void)pthread_cond_signal(&c->has_items);
        }
        (void)pthread_mutex_unlock(&c->lock);
        if (r < 0)
                c->work.drop(item);
        return r;
}

int crew_finish(struct crew *c, struct error *reterr) {
        end(c);
        int r = c->failed;
        if (r < 0 && reterr)
                *reterr = c->error;
        crew_free(c);
        return r;
}

void crew_free(struct crew *c) {
        if (!c)
                return;
        /* What waits is of no use to anybody any more. */
        (void)pthread_mutex_lock(&c->lock);
        for (; c->n_items > 0; c->n_items--, c->first = (c->first + 1) % c->n_waiting)
                c->work.drop(c->items[c->first]);
        (void)pthread_mutex_unlock(&c->lock);
        end(c);
        (void)pthread_mutex_destroy(&c->lock);
        (void)pthread_cond_destroy(&c->has_items);
        (void)pthread_cond_destroy(&c->has_room);
        free(c->items);
        free(c->workers);
        free(c);
}
