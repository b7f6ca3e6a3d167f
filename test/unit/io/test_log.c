/* Log lines, as whoever reads standard error sees them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "io/log.h"

/* Logs one event with one pair; its line without time and level. */
static const char *line_of(const char *what, const char *value, char buf[static 2048]) {
        FILE *file = tmpfile();
        int kept = dup(STDERR_FILENO);

        assert_non_null(file);
        assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
        log_info(what, "key", value);
        assert_true(dup2(kept, STDERR_FILENO) >= 0);
        (void)close(kept);
        rewind(file);
        size_t n = fread(buf, 1, 2047, file);
        buf[n] = 0;
        (void)fclose(file);
        const char *at = strstr(buf, what);
        return at ? at : buf;
}

static void a_value_cannot_go_on_with_keys_or_lines_of_its_own(void **state) {
        static const struct {
                const char *value, *line;
        } rows[] = {
                { "plain", "part: what key=plain\n" },
                { "", "part: what key=\"\"\n" },
                { NULL, "part: what key=\"\"\n" },
                { "two words", "part: what key=\"two words\"\n" },
                { "a=b", "part: what key=\"a=b\"\n" },
                { "x\" mac=\"y", "part: what key=\"x\\\" mac=\\\"y\"\n" },
                { "x\\", "part: what key=\"x\\\\\"\n" },
                { "x\nerror other", "part: what key=\"x?error other\"\n" },
                { "x\x1b[2J", "part: what key=x?[2J\n" },
        };
        char buf[2048];
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_string_equal(line_of("part: what", rows[i].value, buf), rows[i].line);
}

static void a_line_has_an_end_however_long_it_would_be(void **state) {
        char value[4096], buf[2048];
        (void)state;

        memset(value, '"', sizeof(value) - 1);
        value[sizeof(value) - 1] = 0;
        const char *line = line_of("part: what", value, buf);
        size_t len = strlen(line);
        assert_true(len > 900 && len <= 1024 && line[len - 1] == '\n' &&
                    strchr(line, '\n') == line + len - 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_value_cannot_go_on_with_keys_or_lines_of_its_own),
                cmocka_unit_test(a_line_has_an_end_however_long_it_would_be),
        };
        (void)unsetenv("JOURNAL_STREAM");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
