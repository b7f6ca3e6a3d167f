/* Tasks; see task.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "app/bramble-agent/json.h"
#include "app/bramble-agent/task.h"
#include "base/text.h"

int task_parse(const char *text, size_t len, struct task *ret, struct error *reterr) {
        json_error_t fault;
        CLEANUP(json_decref_at) json_t *body = json_loadb(text, len, JSON_REJECT_DUPLICATES, &fault);

        if (!body)
                return error_set(reterr, -EBADMSG, "the server's task is no JSON: %s in line %d", fault.text,
                                 fault.line);
        struct task task = { .id = json_number_of(body, "id", INT64_MAX, 0) };
        if (task.id == 0 || !*json_text_of(body, "kind") ||
            text_copy(task.kind, sizeof(task.kind), json_text_of(body, "kind")) < 0)
                return error_set(reterr, -EBADMSG, "the server's task has no id or no kind");
        task.body = TAKE(body);
        *ret = task;
        return 0;
}

void task_clear(struct task *t) {
        json_decref(t->body);
        *t = (struct task){ 0 };
}
