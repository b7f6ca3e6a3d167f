/* Whatever a server, or who plays one, gives as a task. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-agent/task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct error error = { 0 };
        struct task task;

        if (task_parse((const char *)data, len, &task, &error) == 0) {
                assert(task.id > 0 && *task.kind && task.body);
                task_clear(&task);
        } else
                assert(*error.text);
        return 0;
}
