/* Whatever comes over the socket of bramble-helper, in either direction: it is a message of ours that is
 * written as the same octets again, or nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "core/export/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        uint8_t again[HELPER_REQUEST_SIZE + HELPER_ANSWER_SIZE];
        struct helper_request q;
        struct helper_answer a;

        if (helper_request_parse(data, len, &q) == 0) {
                helper_request_write(&q, again);
                assert(len == HELPER_REQUEST_SIZE && memcmp(again, data, len) == 0);
                assert(q.verb < HELPER_VERBS && helper_verb_name(q.verb)[0]);
                assert(q.verb < HELPER_MAKE || volume_is_sound(&q.volume));
        }
        if (helper_answer_parse(data, len, &a) == 0) {
                assert(memchr(a.text, 0, sizeof(a.text)) && a.result <= 0);
                helper_answer_write(&a, again);
                assert(helper_answer_parse(again, HELPER_ANSWER_SIZE, &a) == 0);
        }
        return 0;
}
