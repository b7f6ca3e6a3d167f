/* Whatever a server, or who plays one, gives as a task. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "app/bramble-agent/deploy/order.h"
#include "app/bramble-agent/deploy/texts.h"
#include "app/bramble-agent/task.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct error error = { 0 };
        struct task task;

        if (task_parse((const char *)data, len, &task, &error) == 0) {
                struct deploy_order order;
                assert(task.id > 0 && *task.kind && task.body);
                if (deploy_order_parse(task.body, &order, &error) == 0) {
                        bool failed = false;
                        for (enum texts_kind kind = 0; kind <= TEXTS_OTHER; kind++)
                                free(texts_add_words(kind, order.seed[1], order.cmdline_extra, &failed));
                        free(texts_set_host(order.seed[0], order.hostname, &failed));
                        free(texts_add_config(order.seed[2], order.config_txt_extra, &failed));
                        assert(!failed && order.map.size > 0 && order.frames.size > 0);
                }
                task_clear(&task);
        } else
                assert(*error.text);
        return 0;
}
