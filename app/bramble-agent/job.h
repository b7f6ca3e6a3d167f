/*
 * A task being worked on: a thread of its own, which may wait for disks and the network, and what it tells.
 *
 * The agent's main thread talks to the server meanwhile: it reads how far the job is, and may ask it to stop.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "app/bramble-agent/boot_words.h"
#include "app/bramble-agent/io/tree.h"
#include "app/bramble-agent/report.h"
#include "app/bramble-agent/task.h"
#include "base/cleanup.h"
#include "base/error.h"

struct http;
struct http_ask;
struct http_reply;
struct job;
struct module_set;
struct tls;

/* What a job sees of the machine and the server; the same for all jobs, and outlives them. */
struct job_world {
        struct tree tree; /* "/", or a folder that plays the machine */
        const char *root; /* its path, "" for "/" */
        struct server_at server;
        struct tls *tls;       /* NULL without https */
        bool is_whole_machine; /* the agent is the machine's init: it may change what it likes */
        struct module_set *modules; /* for devices that come late; NULL: none are there */
        char nic[16];          /* the card that leads to the server; "" unknown */
};

/* What is done once the server has the result. */
enum job_then {
        JOB_THEN_WAIT,
        JOB_THEN_REBOOT,
        JOB_THEN_POWEROFF,
        JOB_THEN_START /* the system in the root that it has brought up */
};

struct job_kind {
        const char *name;
        int (*run)(struct job *j, struct error *reterr); /* 0, or negative with a sentence */
        bool is_beside_rescue; /* it leaves those be who are logged in; all others end that before */
};

/** job_start() - take @task over and begin to work on it. @news_fd: an eventfd, written when the job got on
 * or ended. NULL: out of memory. */
struct job *job_start(const struct job_kind *kind, struct task *task, const struct job_world *world,
                      int news_fd);

/** job_stop() - ask it to end soon. */
void job_stop(struct job *j);

/** job_has_ended() - whether job_result() can be asked. */
bool job_has_ended(struct job *j);

/** job_progress() - how far it is. */
void job_progress(struct job *j, struct report_progress *ret);

/** job_result() - the body of its result; the caller frees. NULL: out of memory. */
char *job_result(struct job *j);

/** job_then() - what it wants done; JOB_THEN_WAIT when it failed. */
enum job_then job_then(struct job *j);

void job_free(struct job *j); /* waits for its end */
DEFINE_CLEANUP(struct job, job_free)

/* For the job's own thread. */

const struct job_world *job_world(const struct job *j);
const json_t *job_order(const struct job *j); /* the task's body */
bool job_may_go_on(void *j);                  /* false: it was asked to stop */

/** job_say() - how far it is; any thread of the job may say so. @total 0: unknown. @format NULL: no text. */
void job_say(struct job *j, const char *phase, uint64_t done, uint64_t total, const char *format, ...)
        PRINTF(5, 6);

/** job_data() - what the result will carry; an object, borrowed. */
json_t *job_data(struct job *j);

/** job_note() - a sentence for people: on the console, and in the result's array "notes". */
void job_note(struct job *j, const char *format, ...) PRINTF(2, 3);

void job_set_then(struct job *j, enum job_then then);

/** job_ask() - a question to the server, once; the reply is the caller's to clear. */
void job_ask(struct job *j, const struct http_ask *ask, struct http_reply *ret);

/** job_tell() - POST @body until the server has taken or refused it, or the job is asked to stop: 0, -EPROTO
 * refused, -ECANCELED. */
MUST_CHECK int job_tell(struct job *j, const char *path, const char *body, struct error *reterr);

/** job_sleep() - false: it was asked to stop meanwhile. */
bool job_sleep(struct job *j, unsigned ms);
