/* The bodies of agents' reports, read. Pure; what does not fit is refused with a sentence. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/machine/agent_report.h"
#include "core/machine/script_result.h"

enum { REPORT_ERROR_MAX = 600, REPORT_PHASE_MAX = 31, REPORT_TEXT_MAX = 160, REPORT_NAME_MAX = 63 };

/* {"task": 7, "ok": true, "error": null, "data": {}} */
struct result_report {
        bool is_ok;
        char error[REPORT_ERROR_MAX + 1]; /* one line; "" when it is ok, or nothing was said */
        json_t *data;                     /* an object, the reader's; NULL: none */
};

MUST_CHECK int result_report_read(const struct agent_report *r, struct result_report *ret,
                                  struct error *reterr);
void result_report_clear(struct result_report *r); /* also the CLEANUP() function */

/** report_names() - a list of names that came with a report as "sda, sdb", cut where it is too long; "" where
 * it is none. */
void report_names(const json_t *list, char *buf, size_t size);

/* {"task": 7, "phase": "write", "done": 4096, "total": 65536, "rate": 1000, "text": ""} */
struct progress_report {
        bool is_idle;
        char phase[REPORT_PHASE_MAX + 1];
        uint64_t done, total, rate; /* octets, octets per second; total 0: not known */
        char text[REPORT_TEXT_MAX + 1];
};

MUST_CHECK int progress_report_read(const struct agent_report *r, struct progress_report *ret,
                                    struct error *reterr);

/** script_report_read() - one script's result, the reader's to free. What it wrote beyond SCRIPT_OUTPUT_MAX
 * is cut. */
MUST_CHECK int script_report_read(const struct agent_report *r, struct script_result *ret,
                                  struct error *reterr);
