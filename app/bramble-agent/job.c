/* Jobs on their threads; see job.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include <event2/event.h>

#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/sshd.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"

enum { NAP_MS = 100, TELL_AGAIN_MAX_MS = 30000, RATE_WINDOW_MS = 2000 };

struct job {
        const struct job_kind *kind;
        const struct job_world *world;
        struct task task;
        int news_fd;
        pthread_t thread;
        atomic_bool is_stopping, has_ended;

        pthread_mutex_t lock; /* of progress and what its rate is made from */
        struct report_progress progress;
        uint64_t rate_ms, rate_done;

        /* The job's thread's own, until it has ended. */
        struct event_base *base;
        struct http *http;
        json_t *data;
        struct error error;
        bool is_good;
        enum job_then then;
};

static void tell_news(struct job *j) {
        (void)eventfd_write(j->news_fd, 1);
}

static void *run(void *arg) {
        struct job *j = arg;
        struct error error = { 0 };

        int r = j->world->is_whole_machine && !j->kind->is_beside_rescue ? sshd_stop(&error) : 0;
        if (r == 0)
                r = j->kind->run(j, &error);
        if (r < 0 && !error.text[0])
                (void)error_set(&error, r, "%s: %s", j->kind->name, strerror(-r));
        if (r < 0 && atomic_load(&j->is_stopping))
                (void)error_set(&error, -ECANCELED, "stopped: the server gave another task");
        j->error = error;
        j->is_good = r >= 0;
        atomic_store(&j->has_ended, true);
        tell_news(j);
        return NULL;
}

static int prepare(struct job *j) {
        j->data = json_object();
        j->base = event_base_new();
        if (!j->data || !j->base)
                return -ENOMEM;
        j->http = http_new(j->base, &j->world->server, j->world->tls);
        return j->http ? 0 : -ENOMEM;
}

static void destroy(struct job *j) {
        http_free(j->http);
        if (j->base)
                event_base_free(j->base);
        json_decref(j->data);
        task_clear(&j->task);
        (void)pthread_mutex_destroy(&j->lock);
        free(j);
}

struct job *job_start(const struct job_kind *kind, struct task *task, const struct job_world *world,
                      int news_fd) {
        struct job *j = calloc(1, sizeof(*j));

        if (!j)
                return NULL;
        j->kind = kind;
        j->world = world;
        j->news_fd = news_fd;
        j->task = *task;
        *task = (struct task){ 0 };
        j->progress.task = j->task.id;
        (void)snprintf(j->progress.phase, sizeof(j->progress.phase), "%s", kind->name);
        (void)pthread_mutex_init(&j->lock, NULL);
        if (prepare(j) < 0 || pthread_create(&j->thread, NULL, run, j) != 0) {
                destroy(j);
                return NULL;
        }
        return j;
}

void job_stop(struct job *j) {
        atomic_store(&j->is_stopping, true);
}

bool job_has_ended(struct job *j) {
        return atomic_load(&j->has_ended);
}

void job_progress(struct job *j, struct report_progress *ret) {
        (void)pthread_mutex_lock(&j->lock);
        *ret = j->progress;
        (void)pthread_mutex_unlock(&j->lock);
}

char *job_result(struct job *j) {
        return report_result(j->task.id, j->is_good ? NULL : j->error.text, j->data);
}

enum job_then job_then(struct job *j) {
        return j->is_good ? j->then : JOB_THEN_WAIT;
}

void job_free(struct job *j) {
        if (!j)
                return;
        job_stop(j);
        (void)pthread_join(j->thread, NULL);
        destroy(j);
}

const struct job_world *job_world(const struct job *j) {
        return j->world;
}

const json_t *job_order(const struct job *j) {
        return j->task.body;
}

bool job_may_go_on(void *arg) {
        struct job *j = arg;
        return !atomic_load(&j->is_stopping);
}

/* Over a window of a few seconds, so that it neither jumps nor remembers what was long ago. */
static void measure(struct job *j, bool is_new_phase) {
        struct report_progress *p = &j->progress;
        uint64_t now_ms = clock_now_ms();

        if (is_new_phase || p->done < j->rate_done) {
                p->rate = 0;
                j->rate_ms = now_ms;
                j->rate_done = p->done;
        } else if (now_ms - j->rate_ms >= RATE_WINDOW_MS) {
                p->rate = (p->done - j->rate_done) * 1000 / (now_ms - j->rate_ms);
                j->rate_ms = now_ms;
                j->rate_done = p->done;
        }
}

void job_say(struct job *j, const char *phase, uint64_t done, uint64_t total, const char *format, ...) {
        va_list args;

        (void)pthread_mutex_lock(&j->lock);
        struct report_progress *p = &j->progress;
        bool is_new_phase = strcmp(p->phase, phase) != 0;
        (void)snprintf(p->phase, sizeof(p->phase), "%s", phase);
        p->done = done;
        p->total = total;
        p->text[0] = '\0';
        if (format) {
                va_start(args, format);
                (void)vsnprintf(p->text, sizeof(p->text), format, args);
                va_end(args);
        }
        measure(j, is_new_phase);
        (void)pthread_mutex_unlock(&j->lock);
        tell_news(j);
}

json_t *job_data(struct job *j) {
        return j->data;
}

void job_note(struct job *j, const char *format, ...) {
        json_t *notes = json_object_get(j->data, "notes");
        char text[300];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        log_line("%s", text);
        if (!notes) {
                notes = json_array();
                (void)json_object_set_new(j->data, "notes", notes);
        }
        (void)json_array_append_new(notes, json_clean_text(text, strlen(text)));
}

void job_set_then(struct job *j, enum job_then then) {
        j->then = then;
}

void job_ask(struct job *j, const struct http_ask *ask, struct http_reply *ret) {
        http_wait(j->http, ask, job_may_go_on, j, ret);
}

int job_tell(struct job *j, const char *path, const char *body, struct error *reterr) {
        const struct http_ask ask = { .method = "POST", .path = path, .body = body };

        for (unsigned wait_ms = 1000;;
             wait_ms = wait_ms < TELL_AGAIN_MAX_MS / 2 ? 2 * wait_ms : TELL_AGAIN_MAX_MS) {
                CLEANUP(http_reply_clear) struct http_reply reply;
                job_ask(j, &ask, &reply);
                if (reply.status >= 200 && reply.status < 300)
                        return 0;
                if (reply.status >= 400 && reply.status < 500)
                        return error_set(reterr, -EPROTO, "the server refuses /%s with status %u", path,
                                         reply.status);
                if (job_may_go_on(j))
                        log_line("the server did not take /%s: %s; trying again in %u s", path,
                                 reply.status ? "it is in trouble" : reply.why, wait_ms / 1000);
                if (!job_sleep(j, wait_ms))
                        return -ECANCELED;
        }
}

bool job_sleep(struct job *j, unsigned ms) {
        while (job_may_go_on(j) && ms > 0) {
                unsigned nap = ms < NAP_MS ? ms : NAP_MS;
                (void)nanosleep(&(struct timespec){ .tv_nsec = (long)nap * 1000000 }, NULL);
                ms -= nap;
        }
        return job_may_go_on(j);
}
