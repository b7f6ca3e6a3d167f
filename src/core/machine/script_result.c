/* Script results as values; see script_result.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/machine/script_result.h"

static const char *const names[SCRIPT_STATUSES] = {
        [SCRIPT_PASSED] = "passed",   [SCRIPT_FAILED] = "failed",      [SCRIPT_DEGRADED] = "degraded",
        [SCRIPT_SKIPPED] = "skipped", [SCRIPT_TIMED_OUT] = "timedout",
};

void script_result_free(struct script_result *r) {
        free(r->output);
        free(r->results);
        r->output = r->results = NULL;
}

const char *script_status_name(enum script_status s) {
        return s < SCRIPT_STATUSES ? names[s] : "";
}

int script_status_parse(const char *name, enum script_status *ret) {
        for (size_t i = 0; i < SCRIPT_STATUSES; i++) {
                if (strcmp(names[i], name) == 0) {
                        *ret = (enum script_status)i;
                        return 0;
                }
        }
        return -EINVAL;
}
