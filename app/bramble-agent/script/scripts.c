/* Scripts one after another; see scripts.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/check/check.h"
#include "app/bramble-agent/disks.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/json.h"
#include "app/bramble-agent/script/run.h"
#include "app/bramble-agent/script/scripts.h"

enum { SCRIPTS_MAX = 256 };

static int run_one(struct job *job, const json_t *script, struct script_outcome *outcome,
                   struct error *reterr) {
        const char *builtin = json_text_of(script, "builtin");

        if (!*builtin)
                return script_run(job, script, outcome, reterr);
        const struct check *check = check_of(builtin);
        if (!check) {
                outcome->verdict = VERDICT_SKIPPED;
                output_printf(&outcome->output, "this agent (%s) has no check \"%.60s\"\n", BRAMBLE_VERSION,
                              builtin);
                return 0;
        }
        return check_run(job, check, script, outcome);
}

static int tell(struct job *job, const char *name, const struct script_outcome *outcome,
                struct error *reterr) {
        uint64_t task = json_number_of(job_order(job), "id", INT64_MAX, 0);
        CLEANUP(free_at)
        char *body = verdict_report(task, name, outcome->verdict, outcome->exit_status, outcome->seconds,
                                    &outcome->output, outcome->results);

        log_line("script %s: %s after %.1f s", name, verdict_name(outcome->verdict), outcome->seconds);
        return body ? job_tell(job, "script", body, reterr) : error_set(reterr, -ENOMEM, "out of memory");
}

int scripts_run(struct job *job, struct error *reterr) {
        const json_t *list = json_object_get(job_order(job), "scripts");
        json_t *script, *verdicts = json_object();
        enum verdict worst = VERDICT_SKIPPED;
        struct disk disks[DISKS_MAX];
        size_t i;

        json_put(job_data(job), "count", json_integer((json_int_t)json_array_size(list)));
        (void)json_object_set_new(job_data(job), "scripts", verdicts);
        if (json_array_size(list) > SCRIPTS_MAX)
                return error_set(reterr, -E2BIG, "the task has more than %d scripts", SCRIPTS_MAX);
        (void)disks_wait(job, disks); /* once: what looks at disks later finds them all */
        json_array_foreach(list, i, script) {
                CLEANUP(script_outcome_clear) struct script_outcome outcome = { 0 };
                const char *name = json_text_of(script, "name");
                job_say(job, "script", i, json_array_size(list), "%.100s", name);
                int r = run_one(job, script, &outcome, reterr);
                if (r == 0)
                        r = tell(job, name, &outcome, reterr);
                if (r < 0)
                        return r;
                json_put_text(verdicts, name, verdict_name(outcome.verdict));
                worst = verdict_worse(worst, outcome.verdict);
        }
        json_put_text(job_data(job), "status", verdict_name(worst));
        return 0;
}
