/* Starting programs that switch power; see program.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/power/exec_protocol.h"
#include "core/power/params.h"
#include "core/power/program.h"
#include "io/child.h"
#include "io/clock.h"

unsigned power_left_ms(const struct power_target *t) {
        const uint64_t now_ms = clock_now_ms();
        return t->until_ms > now_ms + 1 ? (unsigned)(t->until_ms - now_ms) : 1;
}

int power_no_answer(const struct power_target *t, struct error *reterr) {
        return error_set(reterr, -ETIMEDOUT, "no answer in %u s", power_param_number(t->params, "timeout_s"));
}

static int hear(const struct power_target *t, enum power_action action, const struct child_result *result,
                struct power_outcome *ret, struct error *reterr) {
        switch (result->end) {
        case CHILD_TIMEOUT:
                return power_no_answer(t, reterr);
        case CHILD_STOPPED:
                return error_set(reterr, -ECANCELED, "was given up");
        case CHILD_KILLED:
                return error_set(reterr, -EIO, "it was ended by signal %d", result->signal);
        case CHILD_EXITED:
                break;
        }
        return power_answer_parse(result->output, strlen(result->output), result->exit_status, action, ret,
                                  reterr);
}

int power_program_run(const struct power_target *t, enum power_action action, const char *dir,
                      const char *name, bool is_ours, struct power_outcome *ret, struct error *reterr) {
        CLEANUP(text_free) struct text question = {};
        struct child_result result;
        char path[PATH_MAX], search[PATH_MAX + 64];

        const int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
        if (n < 0 || (size_t)n >= sizeof(path))
                return error_set(reterr, -ENAMETOOLONG, "%s/%s is too long for a path", dir, name);
        /* What a program needs may lie beside it. */
        (void)snprintf(search, sizeof(search), "PATH=%s:/usr/sbin:/usr/bin:/sbin:/bin", dir);
        const char *const env[] = { search, "LC_ALL=C.UTF-8", NULL };
        power_request_write(&question, t, action, (power_left_ms(t) + 999) / 1000);
        if (question.failed)
                return error_set(reterr, -ENOMEM, "out of memory");

        const char *const argv[] = { path, NULL };
        const struct child_options options = { .argv = argv,
                                               .env = env,
                                               .input = question.octets,
                                               .input_len = question.len,
                                               .has_network = true,
                                               .sees_files = !is_ours,
                                               .readable = { path, "/proc/self" }, /* where sanitizers look */
                                               .timeout_ms = power_left_ms(t),
                                               .may_go_on = t->may_go_on,
                                               .ctx = t->ctx };
        int r = child_run(&options, &result);
        if (r == -ENOENT || r == -EACCES)
                return error_set(reterr, r, "there is no program %s that may be run", path);
        if (r < 0)
                return error_set(reterr, r, "%s cannot be started: %s", path, strerror(-r));
        return hear(t, action, &result, ret, reterr);
}
