/*
 * When a power action may start: one at a time for each machine, a few at a time for each switch or BMC, and
 * not all in the same moment.
 *
 * Pure: jobs and the time in, the job that may start now out. Who runs the jobs on threads tells when each
 * has ended. Owned by one thread.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "core/power/power.h"

enum {
        POWER_QUEUE_MAX = 65536,   /* jobs that wait or run: far above one for each machine of a large site */
        POWER_CONTROLLER_SIZE = 64 /* with the NUL */
};

struct power_job {
        uint64_t id;      /* the caller's; no other job that waits or runs has it */
        uint64_t machine; /* its jobs run in the order in which they came */
        enum power_action action;
        char controller[POWER_CONTROLLER_SIZE]; /* power_controller(); "": the machine's own */
        unsigned at_once, stagger_ms;           /* of its driver */
};

struct power_queue;

/**
 * power_queue_new() - an empty queue
 * @at_once:    jobs that may run in all: how many threads there are for them
 * @stagger_ms: least time between two starts that draw current (on, cycle, boot), whatever they hang on: a
 * thousand power supplies that start together open the circuit breaker
 */
struct power_queue *power_queue_new(unsigned at_once, unsigned stagger_ms);
void power_queue_free(struct power_queue *q);
DEFINE_CLEANUP(struct power_queue, power_queue_free)

/** power_queue_add() - a job to come; 0, -EEXIST (its id), -ENOSPC (POWER_QUEUE_MAX) or -ENOMEM. */
MUST_CHECK int power_queue_add(struct power_queue *q, const struct power_job *job);

/** power_queue_next() - take a job that may start now; false: none may. Ask until it says so. */
bool power_queue_next(struct power_queue *q, uint64_t now_ms, struct power_job *ret);

/** power_queue_wait_ms() - how long until a job may start by the passing of time alone; UINT64_MAX: never. */
uint64_t power_queue_wait_ms(const struct power_queue *q, uint64_t now_ms);

/** power_queue_done() - a job that ran has ended. */
void power_queue_done(struct power_queue *q, uint64_t id);

/** power_queue_drop() - forget a job that waits; false: it runs, or there is none. */
bool power_queue_drop(struct power_queue *q, uint64_t id);

size_t power_queue_len(const struct power_queue *q); /* jobs that wait or run */
