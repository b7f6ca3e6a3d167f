/* One line from two texts, and the words of a line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/cmdline.h"

static const struct {
        const char *base, *extra, *line;
} joins[] = {
        { "root=/dev/nfs rw\n", "quiet", "root=/dev/nfs rw quiet" },
        { "root=/dev/nfs rw\r\n", NULL, "root=/dev/nfs rw" },
        { "first line\nsecond line\n", "x", "first line x" }, /* firmware reads the first only */
        { "  a\tb  ", " c ", "a b c" },
        { "a  b", NULL, "a  b" }, /* what the operator wrote between words stays */
        { "", "x", "x" },
        { "", NULL, "" },
        { "\n", "", "" },
        { "a\x01"
          "b",
          NULL, "a b" },
};

static void joins_to_one_line(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
                char line[CMDLINE_MAX + 1];
                int n = cmdline_join(joins[i].base, strlen(joins[i].base), joins[i].extra, line,
                                     sizeof(line));
                assert_string_equal(line, joins[i].line);
                assert_int_equal(n, strlen(joins[i].line));
        }
}

static void refuses_what_is_too_long(void **state) {
        (void)state;
        char base[CMDLINE_MAX + 2], line[CMDLINE_MAX + 8];

        memset(base, 'a', sizeof(base));
        assert_int_equal(cmdline_join(base, CMDLINE_MAX, NULL, line, sizeof(line)), CMDLINE_MAX);
        assert_int_equal(cmdline_join(base, CMDLINE_MAX + 1, NULL, line, sizeof(line)), -E2BIG);
        assert_int_equal(cmdline_join(base, CMDLINE_MAX - 1, "b", line, sizeof(line)), -E2BIG);
        assert_int_equal(cmdline_join(base, 10, NULL, line, 10), -E2BIG);
        assert_int_equal(cmdline_join(base, 10, NULL, line, 11), 10);
}

static void walks_words_as_the_kernel_does(void **state) {
        (void)state;
        static const char *const words[] = { "a", "b=\"c d\"", "\"e f\"", "g" };
        const char *at = "  a b=\"c d\"  \"e f\" g ";
        size_t len;

        for (size_t i = 0; i < ARRAY_LEN(words); i++) {
                const char *word = cmdline_next(&at, &len);
                assert_non_null(word);
                assert_int_equal(len, strlen(words[i]));
                assert_memory_equal(word, words[i], len);
        }
        assert_null(cmdline_next(&at, &len));
        at = "\"open to the end";
        assert_non_null(cmdline_next(&at, &len));
        assert_int_equal(len, 16);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(joins_to_one_line),
                cmocka_unit_test(refuses_what_is_too_long),
                cmocka_unit_test(walks_words_as_the_kernel_does),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
