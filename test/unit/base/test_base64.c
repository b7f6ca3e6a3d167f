/* Base64: the vectors of RFC 4648 section 10, there and back, and what is none. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/cleanup.h"

static void there_and_back(void **state) {
        static const struct {
                const char *octets, *text;
        } rows[] = {
                { "", "" },
                { "f", "Zg==" },
                { "fo", "Zm8=" },
                { "foo", "Zm9v" },
                { "foob", "Zm9vYg==" },
                { "fooba", "Zm9vYmE=" },
                { "foobar", "Zm9vYmFy" },
                { "\xff\xfe\xfd", "//79" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                size_t len = 99;
                CLEANUP(free_at) char *text = base64_encode(rows[i].octets, strlen(rows[i].octets));
                CLEANUP(free_at) char *octets = base64_decode(rows[i].text, &len);
                assert_string_equal(text, rows[i].text);
                assert_int_equal(len, strlen(rows[i].octets));
                assert_string_equal(octets, rows[i].octets);
        }
}

static void what_is_none(void **state) {
        static const char *const rows[] = { "Z",    "Zg",   "Zg=",    "Zg===", "Z===",
                                            "=Zg=", "Zg=a", "Zm9v\n", "Zm 9",  "Zm9-" };
        size_t len;
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (base64_decode(rows[i], &len))
                        fail_msg("%s", rows[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(there_and_back),
                cmocka_unit_test(what_is_none),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
