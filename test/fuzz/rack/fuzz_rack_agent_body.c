/* Whatever an agent or an installed system says: texts stay lines within their bounds, and a form becomes
 * JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "rack/agent_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must_be_a_line(const char *text, size_t size) {
        assert(memchr(text, 0, size));
        for (; *text; text++)
                assert((unsigned char)*text >= ' ' && *text != 0x7f);
}

/* The first octet chooses how the rest came. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        struct agent_said said;
        struct error error;

        if (len == 0)
                return 0;
        if (data[0] == 'f') {
                CLEANUP(free_at) char *json = agent_form_read(data + 1, len - 1);
                assert(!json || agent_body_read(REPORT_PHONE_HOME, json, strlen(json), &said, &error) == 0);
                return 0;
        }
        enum agent_report_kind kind = data[0] % (REPORT_PHONE_HOME + 1);
        if (agent_body_read(kind, data + 1, len - 1, &said, &error) < 0)
                return 0;
        must_be_a_line(said.what, sizeof(said.what));
        must_be_a_line(said.detail, sizeof(said.detail));
        return 0;
}
