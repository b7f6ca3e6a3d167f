/* What boards said by DHCP in their last boot: /api/v1/boot/messages. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/asker.h"
#include "api/fields.h"
#include "api/handlers.h"
#include "base/base64.h"

/* On the control thread: copies, and no more; the texts are for the request's own. */
struct copies {
        json_t *messages;
        bool failed;
};

static bool copy_message(void *ctx, int64_t at_ms, const uint8_t *octets, size_t len) {
        struct copies *all = ctx;
        CLEANUP(free_at) char *text = base64_encode(octets, len);

        all->failed |= !text ||
                       json_array_append_new(all->messages, json_pack("{s:I, s:s}", "at_ms",
                                                                      (json_int_t)at_ms, "octets", text)) < 0;
        return !all->failed;
}

/* Of several ports the one that booted. */
static size_t copy_of_any(struct api_call *c, const struct api_asker *who, struct copies *all,
                          struct mac *ret) {
        const struct machine *m = who->machine;
        size_t n = c->world->each_message(c->world->ctx, &who->mac, copy_message, all);

        *ret = who->mac;
        for (size_t i = 0; m && json_array_size(all->messages) == 0 && i < m->n_macs; i++) {
                *ret = m->macs[i];
                n = c->world->each_message(c->world->ctx, &m->macs[i], copy_message, all);
        }
        return n;
}

void message_list(struct api_call *c) {
        struct copies all = {};
        struct api_asker who;
        struct mac mac;

        if (!api_asker_read(c, &who))
                return;
        all.messages = json_array();
        const size_t n_left_out = copy_of_any(c, &who, &all, &mac);
        if (all.failed) {
                json_decref(all.messages);
                api_problem(c, 500, "out of memory");
                return;
        }
        api_ok(c, 200,
               json_pack("{s:o, s:I, s:o}", "mac", api_mac(&mac), "left_out", (json_int_t)n_left_out,
                         "messages", all.messages));
}
