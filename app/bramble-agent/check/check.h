/*
 * The checks that the agent brings itself, one row each in checks.c.
 *
 * A check runs until it has seen enough, its time is up or the job is stopped; what it found is its outcome,
 * in words for people and numbers for programs.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "app/bramble-agent/script/run.h"
#include "base/cleanup.h"
#include "base/error.h"

struct job;

/* What a check is given, and where it puts what it finds. */
struct check_context {
        struct job *job;
        const json_t *parameters;
        uint64_t end_ms; /* its time is up then */
        struct output *output;
        json_t *results;
};

struct check {
        const char *name;
        unsigned timeout_s; /* unless the task says another */
        enum verdict (*run)(struct check_context *c);
};

extern const struct check checks[]; /* ends at a row without a name */

/** check_of() - by name; NULL none. */
const struct check *check_of(const char *name);

/** check_run() - @script: the task's row. -ECANCELED when the job is stopped. */
MUST_CHECK int check_run(struct job *job, const struct check *check, const json_t *script,
                         struct script_outcome *ret);

/** check_may_go_on() - false: its time is up, or the job is stopped. @context: a struct check_context. */
bool check_may_go_on(void *context);

enum verdict check_memory(struct check_context *c);
enum verdict check_storage(struct check_context *c);
enum verdict check_network(struct check_context *c);
enum verdict check_temperature(struct check_context *c);
enum verdict check_throttling(struct check_context *c);
