/* What became of one script that an agent ran. Values only. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
        SCRIPT_NAME_MAX = 127,
        SCRIPT_OUTPUT_MAX = 64 * 1024, /* octets */
        SCRIPT_TASKS_KEPT = 10         /* of each machine: older results make room for newer ones */
};

enum script_status {
        SCRIPT_PASSED,
        SCRIPT_FAILED,
        SCRIPT_DEGRADED, /* it works, and somebody should look */
        SCRIPT_SKIPPED,
        SCRIPT_TIMED_OUT,
        SCRIPT_STATUSES
};

struct script_result {
        uint64_t machine, task;
        char name[SCRIPT_NAME_MAX + 1];
        enum script_status status;
        bool has_exit;
        int64_t exit_status;
        int64_t runtime_ms;
        int64_t finished_s; /* Unix time */
        char *output;       /* what it wrote; NULL: nothing */
        char *results;      /* its own, JSON; NULL: none */
};

void script_result_free(struct script_result *r); /* what it owns; also the CLEANUP() function */

const char *script_status_name(enum script_status s); /* "timedout", as agents write it */
MUST_CHECK int script_status_parse(const char *name, enum script_status *ret);
