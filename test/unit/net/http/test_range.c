/* Ranges and conditions as tables (RFC 9110 sections 13 and 14). */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "net/http/range.h"

#define TAG "\"a1b2\""

static const struct {
        const char *remark;
        struct http_conditions c;
        uint64_t size;
        struct http_selection want;
} rows[] = {
        { "no conditions", {}, 10, { HTTP_WHOLE, 0, 10 } },
        { "empty file", {}, 0, { HTTP_WHOLE, 0, 0 } },

        { "first octets", { .range = "bytes=0-3" }, 10, { HTTP_PART, 0, 4 } },
        { "open end", { .range = "bytes=4-" }, 10, { HTTP_PART, 4, 6 } },
        { "last octets", { .range = "bytes=-3" }, 10, { HTTP_PART, 7, 3 } },
        { "one octet", { .range = "bytes=9-9" }, 10, { HTTP_PART, 9, 1 } },
        { "the whole as a part", { .range = "bytes=0-" }, 10, { HTTP_PART, 0, 10 } },
        { "end behind the end", { .range = "bytes=8-999" }, 10, { HTTP_PART, 8, 2 } },
        { "suffix longer than the file", { .range = "bytes=-99" }, 10, { HTTP_PART, 0, 10 } },
        { "unit in capitals", { .range = "Bytes=1-2" }, 10, { HTTP_PART, 1, 2 } },
        { "spaces and an empty element", { .range = "bytes= , 1-2 ," }, 10, { HTTP_PART, 1, 2 } },
        { "end beyond 64 bits", { .range = "bytes=1-99999999999999999999999" }, 10, { HTTP_PART, 1, 9 } },
        { "suffix beyond 64 bits", { .range = "bytes=-99999999999999999999999" }, 10, { HTTP_PART, 0, 10 } },

        { "behind the end", { .range = "bytes=10-" }, 10, { HTTP_UNSATISFIABLE, 0, 0 } },
        { "far behind the end",
          { .range = "bytes=99999999999999999999999-" },
          10,
          { HTTP_UNSATISFIABLE, 0, 0 } },
        { "no octets at the end", { .range = "bytes=-0" }, 10, { HTTP_UNSATISFIABLE, 0, 0 } },
        { "of an empty file", { .range = "bytes=0-" }, 0, { HTTP_UNSATISFIABLE, 0, 0 } },
        { "suffix of an empty file", { .range = "bytes=-5" }, 0, { HTTP_WHOLE, 0, 0 } },

        { "several: the whole", { .range = "bytes=0-1,4-5" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "backwards", { .range = "bytes=5-4" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "another unit", { .range = "lines=0-3" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "no number", { .range = "bytes=-" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "nothing", { .range = "bytes=" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "text behind", { .range = "bytes=0-3x" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "a sign", { .range = "bytes=+1-3" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "a HEAD has no ranges", { .is_head = true, .range = "bytes=0-3" }, 10, { HTTP_WHOLE, 0, 10 } },

        { "same tag", { .if_none_match = TAG }, 10, { HTTP_NOT_MODIFIED, 0, 0 } },
        { "same tag, weakly", { .if_none_match = "W/" TAG }, 10, { HTTP_NOT_MODIFIED, 0, 0 } },
        { "in a list", { .if_none_match = "\"x,y\", " TAG }, 10, { HTTP_NOT_MODIFIED, 0, 0 } },
        { "any", { .if_none_match = " *" }, 10, { HTTP_NOT_MODIFIED, 0, 0 } },
        { "another tag", { .if_none_match = "\"a1b3\"" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "our tag inside another", { .if_none_match = "\"x\"a1b2\"\"" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "a quote without its end", { .if_none_match = "\"a1b2" }, 10, { HTTP_WHOLE, 0, 10 } },
        { "HEAD with the same tag",
          { .is_head = true, .if_none_match = TAG },
          10,
          { HTTP_NOT_MODIFIED, 0, 0 } },
        { "same tag goes before the range",
          { .if_none_match = TAG, .range = "bytes=0-3" },
          10,
          { HTTP_NOT_MODIFIED, 0, 0 } },

        { "unchanged since the first part",
          { .if_range = TAG, .range = "bytes=4-" },
          10,
          { HTTP_PART, 4, 6 } },
        { "changed since: all of it again",
          { .if_range = "\"old\"", .range = "bytes=4-" },
          10,
          { HTTP_WHOLE, 0, 10 } },
        { "a weak tag proves nothing",
          { .if_range = "W/" TAG, .range = "bytes=4-" },
          10,
          { HTTP_WHOLE, 0, 10 } },
        { "a date proves nothing",
          { .if_range = "Sat, 29 Oct 1994 19:43:31 GMT", .range = "bytes=4-" },
          10,
          { HTTP_WHOLE, 0, 10 } },

        { "If-Match holds", { .if_match = TAG, .range = "bytes=0-0" }, 10, { HTTP_PART, 0, 1 } },
        { "If-Match fails", { .if_match = "\"old\"" }, 10, { HTTP_PRECONDITION_FAILED, 0, 0 } },
        { "If-Match compares strongly", { .if_match = "W/" TAG }, 10, { HTTP_PRECONDITION_FAILED, 0, 0 } },
};

static void selects(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct http_selection got = http_select(&rows[i].c, TAG, rows[i].size);
                if (got.kind != rows[i].want.kind || got.offset != rows[i].want.offset ||
                    got.len != rows[i].want.len)
                        fail_msg("%s: got %d %ju+%ju", rows[i].remark, (int)got.kind, (uintmax_t)got.offset,
                                 (uintmax_t)got.len);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(selects) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
