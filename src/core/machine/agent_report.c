/* Reports as values; see agent_report.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/machine/agent_report.h"

struct agent_report *agent_report_copy(const struct agent_report *r) {
        CLEANUP(agent_report_free_at) struct agent_report *copy = malloc(sizeof(*copy));
        if (!copy)
                return NULL;
        *copy = *r;
        copy->body = r->body ? strndup(r->body, r->body_len) : NULL;
        if (r->body && !copy->body)
                return NULL;
        return TAKE(copy);
}

void agent_report_free(struct agent_report *r) {
        if (!r)
                return;
        free(r->body);
        free(r);
}
