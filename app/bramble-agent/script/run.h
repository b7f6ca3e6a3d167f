/* Running a script of an operator's, as MAAS runs it: environment, result file, output, time. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble-agent/script/verdict.h"
#include "base/cleanup.h"
#include "base/error.h"

struct job;

/* What came of it. Zero-initialise; free with script_outcome_clear(). */
struct script_outcome {
        enum verdict verdict;
        int exit_status;
        double seconds;
        struct output output;
        json_t *results; /* NULL none */
};

void script_outcome_clear(struct script_outcome *o); /* also for CLEANUP() on the stack */

/**
 * script_run() - @script: the task's row: name, body_base64, timeout_s, parameters
 *
 * What is wrong with a script is its outcome; an error is what no script could help.
 */
MUST_CHECK int script_run(struct job *job, const json_t *script, struct script_outcome *ret,
                          struct error *reterr);
