/* The daemon's command line, and the place that it takes in a state directory. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/brambled/options.h"
#include "app/brambled/privileges.h"
#include "app/brambled/single.h"

enum { WORDS_MAX = 6 };

static int parse(char *const words[WORDS_MAX], struct options *ret, struct error *err) {
        int n = 0;

        while (n < WORDS_MAX && words[n])
                n++;
        return options_parse(n, words, ret, err);
}

static void options_are_read(void **state) {
        struct options o = {};

        (void)state;
        assert_int_equal(parse((char *[WORDS_MAX]){ "brambled" }, &o, NULL), 0);
        assert_null(o.config);
        assert_string_equal(o.user, "bramble");
        assert_false(o.check_config);
        assert_int_equal(
                parse((char *[WORDS_MAX]){ "brambled", "--config", "/a", "--state-dir=/b", "--check-config" },
                      &o, NULL),
                0);
        assert_string_equal(o.config, "/a");
        assert_string_equal(o.state_dir, "/b");
        assert_true(o.check_config);
        assert_int_equal(
                parse((char *[WORDS_MAX]){ "brambled", "--debug=dhcp,boot", "--user", "me" }, &o, NULL), 0);
        assert_string_equal(o.debug, "dhcp,boot");
        assert_string_equal(o.user, "me");
}

static void wrong_options_are_a_sentence(void **state) {
        static const struct {
                char *words[WORDS_MAX];
                const char *sentence;
        } rows[] = {
                { { "brambled", "--confg", "/a" }, "unknown option --confg, did you mean --config?" },
                { { "brambled", "--listen=1" }, "unknown option --listen=1: --help lists them" },
                { { "brambled", "-c", "/a" }, "what is '-c' for? brambled takes options only, see --help" },
                { { "brambled", "start" }, "what is 'start' for? brambled takes options only, see --help" },
                { { "brambled", "--config" }, "--config needs a value: --config FILE" },
                { { "brambled", "--config=" }, "--config needs a value: --config FILE" },
                { { "brambled", "--version=2" }, "--version takes no value" },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct options o;
                struct error err = {};
                assert_int_equal(parse(rows[i].words, &o, &err), -EINVAL);
                assert_string_equal(err.text, rows[i].sentence);
        }
}

static int make_dir(void **state) {
        char dir[] = "/tmp/bramble-test-XXXXXX";

        *state = mkdtemp(dir) ? strdup(dir) : NULL;
        return *state ? 0 : -1;
}

static int remove_dir(void **state) {
        char path[PATH_MAX];

        for (size_t i = 0; i < 3; i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", (char *)*state,
                               (const char *[]){ "brambled.pid", "a/b", "a" }[i]);
                (void)remove(path);
        }
        const int r = rmdir(*state);
        free(*state);
        return r;
}

static void a_second_one_is_told_the_pid(void **state) {
        char sentence[PATH_MAX];
        struct error err = {};
        int first = -1, second = -1;

        assert_int_equal(single_take(*state, &first, &err), 0);
        assert_int_equal(single_take(*state, &second, &err), -EBUSY);
        (void)snprintf(sentence, sizeof(sentence),
                       "brambled is running on %s already (pid %d): stop that one, or give this one a "
                       "--state-dir of its own",
                       (char *)*state, (int)getpid());
        assert_string_equal(err.text, sentence);

        (void)close(first); /* as its end does */
        assert_int_equal(single_take(*state, &second, &err), 0);
        (void)close(second);
}

static void directories_are_made_with_their_parents(void **state) {
        char path[PATH_MAX];
        struct privileges_user user;
        struct error err = {};
        struct stat status;

        assert_int_equal(privileges_user("root", &user, &err), 0); /* not root: stays who it is */
        (void)snprintf(path, sizeof(path), "%s/a/b", (char *)*state);
        assert_int_equal(privileges_own_dir(path, 0750, &user, &err), 0);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0750);
        assert_int_equal(privileges_own_dir(path, 0700, &user, &err), 0); /* there already: left as it is */
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0750);
        assert_true(privileges_own_dir("/dev/null", 0700, &user, &err) < 0);
        assert_string_equal(err.text, "/dev/null is no directory");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(options_are_read),
                cmocka_unit_test(wrong_options_are_a_sentence),
                cmocka_unit_test_setup_teardown(a_second_one_is_told_the_pid, make_dir, remove_dir),
                cmocka_unit_test_setup_teardown(directories_are_made_with_their_parents, make_dir,
                                                remove_dir),
        };
        (void)umask(022);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
