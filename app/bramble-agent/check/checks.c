/* The list of checks; see check.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/check/check.h"
#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"

const struct check checks[] = {
        { "memory", 3600, check_memory },       { "storage", 600, check_storage },
        { "network", 60, check_network },       { "temperature", 300, check_temperature },
        { "throttling", 10, check_throttling }, { NULL, 0, NULL },
};

enum { TIMEOUT_MAX_S = 7 * 86400 };

const struct check *check_of(const char *name) {
        for (const struct check *c = checks; c->name; c++)
                if (strcmp(c->name, name) == 0)
                        return c;
        return NULL;
}

bool check_may_go_on(void *context) {
        struct check_context *c = context;
        return job_may_go_on(c->job) && clock_now_ms() < c->end_ms;
}

int check_run(struct job *job, const struct check *check, const json_t *script, struct script_outcome *ret) {
        uint64_t begin_ms = clock_now_ms();
        uint64_t timeout_s = json_number_of(script, "timeout_s", TIMEOUT_MAX_S, check->timeout_s);
        struct check_context c = { .job = job,
                                   .parameters = json_object_get(script, "parameters"),
                                   .end_ms = begin_ms + timeout_s * 1000,
                                   .output = &ret->output,
                                   .results = json_object() };

        ret->results = c.results;
        ret->verdict = c.results ? check->run(&c) : VERDICT_FAILED;
        ret->seconds = (double)(clock_now_ms() - begin_ms) / 1000;
        if (ret->verdict == VERDICT_TIMED_OUT)
                output_printf(&ret->output, "ended after %llu s: its time was up\n",
                              (unsigned long long)timeout_s);
        ret->exit_status = ret->verdict == VERDICT_FAILED || ret->verdict == VERDICT_TIMED_OUT;
        return job_may_go_on(job) ? 0 : -ECANCELED;
}
