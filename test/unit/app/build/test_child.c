/* Tools as children: what they say, what they give, and what is said when they fail. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/build/child.h"

static void note(void *ctx, const char *line) {
        if (line)
                text_printf(ctx, "<%s>", line);
}

static int run(const char *const *words, struct child c, struct error *err) {
        CLEANUP(argv_free) struct argv argv = {};

        argv_add_all(&argv, words);
        c.argv = &argv;
        return child_run(&c, err);
}

/* The tests' children may use a shell; the tools are not started by one. */
#define SHELL(script) ((const char *const[]){ "sh", "-c", script, NULL })

static void messages_come_by_lines(void **state) {
        CLEANUP(text_free) struct text seen = {}, given = {};

        (void)state;
        assert_int_equal(run(SHELL("echo one >&2; echo given; printf 'two\\rthree' >&2"),
                             (struct child){ .captured = &given, .line = note, .ctx = &seen }, NULL),
                         0);
        assert_string_equal(seen.octets, "<one><two><three>");
        assert_string_equal(given.octets, "given\n");
}

static void a_failure_says_why(void **state) {
        static const struct {
                const char *script, *why;
                int code;
        } rows[] = {
                { "echo first; echo last; exit 3", "sh failed (status 3): last", -ECHILD },
                { "echo 'I: going on' >&2; echo 'E: no such package' >&2; echo 'E: apt failed' >&2; echo "
                  "bye; exit 25",
                  "sh failed (status 25): E: no such package", -ECHILD }, /* others follow from the first */
                { "exit 1", "sh failed (status 1): it did not say why", -ECHILD },
                { "kill -KILL $$", "sh was ended by signal 9", -ECHILD },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct error err = {};
                assert_int_equal(run(SHELL(rows[i].script), (struct child){}, &err), rows[i].code);
                assert_string_equal(err.text, rows[i].why);
        }
}

static void what_there_is_not(void **state) {
        static const char *const words[] = { "bramble-no-such-tool", NULL };
        struct error err = {};

        (void)state;
        assert_int_equal(run(words, (struct child){}, &err), -ENOENT);
        assert_string_equal(err.text, "cannot run bramble-no-such-tool: No such file or directory");
        assert_false(child_has("bramble-no-such-tool"));
        assert_true(child_has("sh"));
        assert_true(run(SHELL("true"), (struct child){ .dir = "/no/such/folder" }, &err) < 0);
        assert_non_null(strstr(err.text, "/no/such/folder"));
}

/* mmdebstrap's dash cannot name a descriptor above 9. */
static void no_descriptor_of_ours_goes_along(void **state) {
        CLEANUP(text_free) struct text given = {};

        (void)state;
        assert_int_equal(run(SHELL("ls /proc/self/fd | wc -l"), (struct child){ .captured = &given }, NULL),
                         0);
        assert_string_equal(given.octets, "4\n"); /* 0, 1, 2, and ls' own */
}

static void words_that_there_was_no_memory_for(void **state) {
        struct argv argv = { .failed = true };
        struct error err = {};

        (void)state;
        assert_int_equal(child_run(&(struct child){ .argv = &argv }, &err), -ENOMEM);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(messages_come_by_lines),
                cmocka_unit_test(a_failure_says_why),
                cmocka_unit_test(what_there_is_not),
                cmocka_unit_test(no_descriptor_of_ours_goes_along),
                cmocka_unit_test(words_that_there_was_no_memory_for),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
