/* How a script or check ended, and what it leaves to tell. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/text.h"

enum verdict { VERDICT_PASSED, VERDICT_SKIPPED, VERDICT_DEGRADED, VERDICT_FAILED, VERDICT_TIMED_OUT };

enum { VERDICT_OUTPUT_MAX = 64 * 1024 }; /* octets of output that are told: the begin, and the end */

/* Output of which the begin and the end are kept. Zero-initialise; free with output_free(). */
struct output {
        struct text begin;
        char *ring; /* the last octets that did not fit */
        size_t ring_len, ring_at;
        uint64_t left_out;
};

void output_add(struct output *o, const void *data, size_t len);
void output_printf(struct output *o, const char *format, ...) PRINTF(2, 3);
void output_free(struct output *o); /* also for CLEANUP() on the stack */

/** output_json() - all of it as a text. */
json_t *output_json(const struct output *o);

const char *verdict_name(enum verdict v);

/** verdict_of() - by the name in a result file; -EINVAL: none. */
MUST_CHECK int verdict_of(const char *name);

/** verdict_worse() - of two parts of one whole. */
enum verdict verdict_worse(enum verdict a, enum verdict b);

/** verdict_report() - the body that is told for one script; the caller frees. @results may be NULL, and is
 * borrowed. */
char *verdict_report(uint64_t task, const char *name, enum verdict v, int exit_status, double seconds,
                     const struct output *output, json_t *results);
