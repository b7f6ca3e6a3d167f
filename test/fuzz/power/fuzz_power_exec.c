/* Both directions of bramble-power-exec(7): "q" and a question, "a" and an answer. What was understood says
 * the same again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "core/power/drivers.h"
#include "core/power/exec_protocol.h"
#include "core/power/params.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void question(const char *text, size_t len) {
        CLEANUP(power_request_clear) struct power_request q = {}, again = {};
        CLEANUP(text_free) struct text out = {};
        struct error err = {};

        if (power_request_parse(text, len, &power_exec, &q, &err) < 0) {
                assert(*err.text);
                return;
        }
        const struct power_target t = { .driver = &power_exec,
                                        .params = q.params,
                                        .machine = q.machine,
                                        .macs = q.macs,
                                        .n_macs = q.n_macs,
                                        .interface = q.interface,
                                        .neighbour = &q.neighbour };
        power_request_write(&out, &t, q.action, q.timeout_s);
        assert(!out.failed);
        assert(power_request_parse(out.octets, out.len, &power_exec, &again, &err) == 0);
        assert(again.action == q.action && again.n_macs == q.n_macs);
        for (size_t i = 0; i < q.params->n; i++)
                assert(strcmp(power_param(again.params, q.params->params[i].name),
                              q.params->params[i].value) == 0);
}

static bool is_plain(const char *s) {
        for (; *s; s++) {
                if (*s < 0x20 || *s >= 0x7f)
                        return false;
        }
        return true;
}

static void answer(const char *text, size_t len) {
        CLEANUP(text_free) struct text out = {};
        struct power_outcome o = {}, again = {};
        struct error err = {}, other = {};

        const int r = power_answer_parse(text, len, 0, POWER_QUERY, &o, &err);
        assert(r <= POWER_BY_HAND && is_plain(o.note) && is_plain(o.learned_name) &&
               is_plain(o.learned_value));
        assert(is_plain(err.text));
        power_answer_write(&out, r, &o, &err);
        assert(!out.failed);
        const int r2 = power_answer_parse(out.octets, out.len, 0, POWER_QUERY, &again, &other);
        assert(r2 == r && again.state == o.state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        if (len < 1)
                return 0;
        (data[0] == 'q' ? question : answer)((const char *)data + 1, len - 1);
        return 0;
}
