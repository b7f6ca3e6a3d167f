/* What a stranger writes into Range, If-Range and If-None-Match never selects octets that the file does not
 * have. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        if (len < 1)
                return 0;
        CLEANUP(free_at) char *text = strndup((const char *)data + 1, len - 1);
        if (!text)
                return 0;
        uint64_t size = data[0] == 0xff ? UINT64_MAX : data[0];

        for (int which = 0; which < 4; which++) {
                const struct http_conditions c = {
                        .range = which == 0 ? text : "bytes=1-2",
                        .if_range = which == 1 ? text : NULL,
                        .if_none_match = which == 2 ? text : NULL,
                        .if_match = which == 3 ? text : NULL,
                };
                struct http_selection s = http_select(&c, "\"tag\"", size);
                assert(s.offset <= size && s.len <= size - s.offset);
                assert(s.kind != HTTP_PART || s.len > 0);
        }
        return 0;
}
