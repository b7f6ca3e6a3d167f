/* The control thread's event loop over libuv; see loop.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <uv.h>

#include "io/loop.h"

enum {
        POSTS_MAX = 65536,                /* calls that may wait: more means that the loop hangs */
        POSTS_SLICE_NS = 2 * 1000 * 1000, /* of them before descriptors and timers have their turn */
};

struct post {
        struct post *next;
        void (*fn)(void *ctx);
        void *ctx;
};

struct loop {
        uv_loop_t uv;
        uv_async_t wake;

        pthread_mutex_t lock; /* guards what follows, for a few instructions */
        struct post *first, **last;
        size_t n_posts;
        bool is_stopped;
};

struct loop_io {
        uv_poll_t uv;
        void (*fn)(void *ctx);
        void *ctx;
};

struct loop_timer {
        uv_timer_t uv;
        void (*fn)(void *ctx);
        void *ctx;
};

struct loop_signal {
        uv_signal_t uv;
        void (*fn)(void *ctx, int signo);
        void *ctx;
};

static struct post *take_post(struct loop *l) {
        (void)pthread_mutex_lock(&l->lock);
        struct post *p = l->first;
        if (p) {
                l->first = p->next;
                if (!l->first)
                        l->last = &l->first;
                l->n_posts--;
        }
        (void)pthread_mutex_unlock(&l->lock);
        return p;
}

/* Runs what waits longest; false when nothing does. */
static bool run_post(struct loop *l) {
        struct post *p = take_post(l);
        if (!p)
                return false;
        p->fn(p->ctx);
        free(p);
        return true;
}

/* However much other threads hand in, and however fast: they get a slice of each turn and no more. */
static void run_posts(uv_async_t *wake) {
        struct loop *l = wake->data;
        uint64_t end_ns = uv_hrtime() + POSTS_SLICE_NS;

        while (run_post(l))
                if (uv_hrtime() >= end_ns) {
                        (void)uv_async_send(wake); /* there may be more */
                        return;
                }
}

struct loop *loop_new(void) {
        struct loop *l = calloc(1, sizeof(*l));
        if (!l)
                return NULL;
        l->last = &l->first;
        (void)pthread_mutex_init(&l->lock, NULL);
        int r = uv_loop_init(&l->uv);
        if (r == 0) {
                r = uv_async_init(&l->uv, &l->wake, run_posts);
                if (r < 0)
                        (void)uv_loop_close(&l->uv);
        }
        if (r < 0) {
                (void)pthread_mutex_destroy(&l->lock);
                free(l);
                errno = -r;
                return NULL;
        }
        l->wake.data = l;
        return l;
}

static void free_handle(uv_handle_t *handle) {
        free(handle->data);
}

static void close_handle(uv_handle_t *handle, void *arg) {
        struct loop *l = arg;
        if (!uv_is_closing(handle))
                uv_close(handle, handle == (uv_handle_t *)&l->wake ? NULL : free_handle);
}

void loop_free(struct loop *l) {
        if (!l)
                return;
        uv_walk(&l->uv, close_handle, l);
        while (uv_run(&l->uv, UV_RUN_DEFAULT) != 0)
                ;
        int r = uv_loop_close(&l->uv);
        assert(r == 0);
        (void)r;
        for (struct post *p; (p = take_post(l));)
                free(p);
        (void)pthread_mutex_destroy(&l->lock);
        free(l);
}

int loop_run(struct loop *l) {
        int r = uv_run(&l->uv, UV_RUN_DEFAULT);

        (void)pthread_mutex_lock(&l->lock);
        l->is_stopped = true;
        (void)pthread_mutex_unlock(&l->lock);
        while (run_post(l))
                ; /* whoever waits in loop_call() gets its answer */
        return r < 0 ? r : 0;
}

void loop_stop(struct loop *l) {
        uv_stop(&l->uv);
}

static void io_ready(uv_poll_t *uv, int status, int events) {
        (void)events;
        struct loop_io *io = uv->data;
        io->fn(io->ctx); /* after an error, too: the reader meets it, and clears it by that */
        /* libuv stops watching at an error; a packet socket has one each time its interface goes down. */
        if (status < 0 && !uv_is_closing((uv_handle_t *)uv))
                (void)uv_poll_start(uv, UV_READABLE, io_ready);
}

struct loop_io *loop_watch(struct loop *l, int fd, void (*fn)(void *ctx), void *ctx) {
        struct loop_io *io = calloc(1, sizeof(*io));
        if (!io)
                return NULL;
        io->fn = fn;
        io->ctx = ctx;
        int r = uv_poll_init(&l->uv, &io->uv, fd);
        if (r < 0) {
                free(io);
                errno = -r;
                return NULL;
        }
        io->uv.data = io;
        r = uv_poll_start(&io->uv, UV_READABLE, io_ready);
        if (r < 0) {
                uv_close((uv_handle_t *)&io->uv, free_handle);
                errno = -r;
                return NULL;
        }
        return io;
}

void loop_unwatch(struct loop_io *io) {
        if (io)
                uv_close((uv_handle_t *)&io->uv, free_handle);
}

static void timer_ready(uv_timer_t *uv) {
        struct loop_timer *t = uv->data;
        t->fn(t->ctx);
}

struct loop_timer *loop_timer_new(struct loop *l, void (*fn)(void *ctx), void *ctx) {
        struct loop_timer *t = calloc(1, sizeof(*t));
        if (!t)
                return NULL;
        t->fn = fn;
        t->ctx = ctx;
        (void)uv_timer_init(&l->uv, &t->uv); /* cannot fail */
        t->uv.data = t;
        return t;
}

void loop_timer_set(struct loop_timer *t, uint64_t in_ms, uint64_t repeat_ms) {
        uv_update_time(t->uv.loop); /* the delay counts from now, not from when this turn of the loop began */
        (void)uv_timer_start(&t->uv, timer_ready, in_ms, repeat_ms);
}

void loop_timer_stop(struct loop_timer *t) {
        (void)uv_timer_stop(&t->uv);
}

void loop_timer_free(struct loop_timer *t) {
        if (t)
                uv_close((uv_handle_t *)&t->uv, free_handle);
}

static void signal_ready(uv_signal_t *uv, int signo) {
        struct loop_signal *s = uv->data;
        s->fn(s->ctx, signo);
}

int loop_on_signal(struct loop *l, int signo, void (*fn)(void *ctx, int signo), void *ctx) {
        struct loop_signal *s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->fn = fn;
        s->ctx = ctx;
        int r = uv_signal_init(&l->uv, &s->uv);
        if (r < 0) {
                free(s);
                return r;
        }
        s->uv.data = s;
        r = uv_signal_start(&s->uv, signal_ready, signo);
        if (r < 0)
                uv_close((uv_handle_t *)&s->uv, free_handle);
        return r;
}

bool loop_post(struct loop *l, void (*fn)(void *ctx), void *ctx) {
        struct post *p = malloc(sizeof(*p));
        if (!p)
                return false;
        *p = (struct post){ .fn = fn, .ctx = ctx };

        (void)pthread_mutex_lock(&l->lock);
        bool is_welcome = !l->is_stopped && l->n_posts < POSTS_MAX;
        if (is_welcome) {
                *l->last = p;
                l->last = &p->next;
                l->n_posts++;
                /* Under the lock: after the loop has stopped its handle may be closed. */
                (void)uv_async_send(&l->wake);
        }
        (void)pthread_mutex_unlock(&l->lock);
        if (!is_welcome)
                free(p);
        return is_welcome;
}

struct call {
        void (*fn)(void *ctx);
        void *ctx;
        pthread_mutex_t lock;
        pthread_cond_t done;
        bool is_done;
};

static void run_call(void *ctx) {
        struct call *c = ctx;
        c->fn(c->ctx);
        (void)pthread_mutex_lock(&c->lock);
        c->is_done = true;
        (void)pthread_cond_signal(&c->done);
        (void)pthread_mutex_unlock(&c->lock);
}

bool loop_call(struct loop *l, void (*fn)(void *ctx), void *ctx) {
        struct call c = {
                .fn = fn, .ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER
        };

        if (!loop_post(l, run_call, &c))
                return false;
        (void)pthread_mutex_lock(&c.lock);
        while (!c.is_done)
                (void)pthread_cond_wait(&c.done, &c.lock);
        (void)pthread_mutex_unlock(&c.lock);
        (void)pthread_mutex_destroy(&c.lock);
        (void)pthread_cond_destroy(&c.done);
        return true;
}
