/* Children: what they say, how they end, and what they cannot do. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "io/child.h"
#include "io/tree.h"

static char work_dir[] = "/tmp/bramble-test-child-XXXXXX";

static int set_up(void **state) {
        (void)state;
        return mkdtemp(work_dir) ? 0 : -1;
}

static int tear_down(void **state) {
        (void)state;
        return tree_remove(AT_FDCWD, work_dir);
}

static struct child_result run(const char *const *argv) {
        struct child_options o = {
                .argv = argv, .work_dir = work_dir, .timeout_ms = 60000, .memory_octets = 1 << 30
        };
        struct child_result result;

        assert_int_equal(child_run(&o, &result), 0);
        return result;
}
#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

static void ends(void **state) {
        (void)state;
        struct child_result r = RUN("echo", "hello", "$HOME");
        assert_int_equal(r.end, CHILD_EXITED);
        assert_int_equal(r.exit_status, 0);
        assert_string_equal(r.output, "hello $HOME\n");
        assert_int_equal(RUN("false").exit_status, 1);
        assert_string_equal(RUN("cat").output, ""); /* nothing to read: it does not wait */
        assert_string_equal(RUN("env").output, "");
        assert_int_equal(strncmp(RUN("pwd").output, work_dir, strlen(work_dir)), 0);

        r = RUN("cat", "/proc/self/nonexistent");
        assert_int_equal(r.exit_status, 1);
        assert_non_null(strstr(r.output, "nonexistent"));
}

static void cannot_start(void **state) {
        const char *const argv[] = { "no-such-program", NULL }, *const echo[] = { "echo", NULL };
        struct child_options o = { .argv = argv };
        struct child_result result;

        (void)state;
        assert_int_equal(child_run(&o, &result), -ENOENT);
        o.argv = echo;
        o.work_dir = "/nonexistent";
        assert_int_equal(child_run(&o, &result), -ENOENT);
}

static bool never(void *ctx) {
        (void)ctx;
        return false;
}

static void is_ended(void **state) {
        const char *const argv[] = { "sleep", "1000", NULL };
        struct child_options o = { .argv = argv, .timeout_ms = 1 };
        struct child_result result;

        (void)state;
        assert_int_equal(child_run(&o, &result), 0);
        assert_int_equal(result.end, CHILD_TIMEOUT);
        o.timeout_ms = 0;
        o.may_go_on = never;
        assert_int_equal(child_run(&o, &result), 0);
        assert_int_equal(result.end, CHILD_STOPPED);
}

static void is_limited(void **state) {
        const char *const large[] = { "dd", "if=/dev/zero", "of=large", "bs=1024", "count=64", NULL };
        const char *const loud[] = { "seq", "1", "100000", NULL };
        struct child_options o = {
                .argv = large, .work_dir = work_dir, .file_octets = 16384, .readable = { "/dev/zero" }
        };
        struct child_result result;

        (void)state;
        assert_int_equal(child_run(&o, &result), 0);
        assert_true(result.end == CHILD_KILLED && result.signal == SIGXFSZ);
        o.argv = loud;
        assert_int_equal(child_run(&o, &result), 0);
        assert_int_equal(result.exit_status, 0); /* what does not fit does not stop it */
        assert_int_equal(strlen(result.output), CHILD_OUTPUT_MAX - 1);
}

static void has_no_network(void **state) {
        (void)state;
        struct child_result r = RUN("/usr/bin/python3", "-Sc", "import _socket\n_socket.socket()");
        assert_int_equal(r.exit_status, 1);
        assert_non_null(strstr(r.output, "PermissionError"));
}

static void has_a_network_when_it_is_given(void **state) {
        const char *const argv[] = { "/usr/bin/python3", "-Sc", "import _socket\n_socket.socket()", NULL };
        struct child_options o = { .argv = argv, .has_network = true };
        struct child_result result;

        (void)state;
        assert_int_equal(child_run(&o, &result), 0);
        assert_string_equal(result.output, "");
        assert_int_equal(result.exit_status, 0);
}

/* More than a pipe holds, and read twice: by its descriptor, and by its name, as programs read their
 * configuration. */
static void reads_its_input(void **state) {
        const char *const argv[] = { "sh", "-c", "wc -c && sha256sum /dev/stdin && ls -l /proc/self/fd/0",
                                     NULL };
        CLEANUP(text_free) struct text input = {};
        struct child_options o = { .argv = argv, .readable = { "/proc", "/dev" } };
        struct child_result result;

        (void)state;
        for (int i = 0; i < 20000; i++)
                text_append(&input, "password");
        o.input = input.octets;
        o.input_len = input.len;
        assert_int_equal(child_run(&o, &result), 0);
        if (!strstr(result.output,
                    "160000\nbbd28e88cf1500ca2b23330f408dc4d6e40d640bdfd85ab9cf8694b62bf5abd5") ||
            !strstr(result.output, "memfd:"))
                fail_msg("%s", result.output);
}

static void sees_files_when_it_may(void **state) {
        const char *const argv[] = { "cat", "/proc/uptime", NULL };
        struct child_options o = { .argv = argv, .sees_files = true };
        struct child_result result;

        (void)state;
        assert_int_equal(child_run(&o, &result), 0);
        assert_int_equal(result.exit_status, 0);
}

static void has_no_capabilities(void **state) {
        const char *const argv[] = { "grep", "CapEff", "/proc/self/status", NULL };
        struct child_options o = { .argv = argv, .readable = { "/proc" } };
        struct child_result result;

        (void)state;
        assert_int_equal(child_run(&o, &result), 0);
        assert_string_equal(result.output, "CapEff:\t0000000000000000\n");
}

static int note_file(void *ctx, int fd, const char *path) {
        struct text *t = ctx;
        char octets[8];
        ssize_t n = read(fd, octets, sizeof(octets));

        text_printf(t, "%s=%.*s ", path, (int)n, octets);
        return strcmp(path, "stop") == 0 ? 7 : 0;
}

static void walks_and_removes_trees(void **state) {
        char dir[PATH_MAX];
        CLEANUP(text_free) struct text t = { 0 };

        (void)state;
        assert_true(snprintf(dir, sizeof(dir), "%s/tree", work_dir) > 0);
        assert_int_equal(RUN("mkdir", "-p", "tree/b/c", "tree/e").exit_status, 0);
        assert_int_equal(
                RUN("sh", "-c",
                    "printf 1 >tree/d; printf 2 >tree/b/c/x; printf 3 >tree/a; printf 4 >tree/.hidden")
                        .exit_status,
                0);
        int at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(at >= 0);
        assert_int_equal(symlinkat("/etc/passwd", at, "link"), 0);
        assert_int_equal(symlinkat("/etc", at, "linked"), 0);
        assert_int_equal(tree_each(AT_FDCWD, dir, note_file, &t), 0);
        assert_string_equal(t.octets, "a=3 b/c/x=2 d=1 ");

        assert_int_equal(RUN("sh", "-c", "printf 5 >tree/stop; printf 6 >tree/z").exit_status, 0);
        assert_int_equal(tree_each(AT_FDCWD, dir, note_file, &t), 7);
        assert_int_equal(tree_remove(at, "b"), 0);
        assert_int_equal(tree_remove(at, "linked"), 0);
        assert_int_equal(tree_remove(at, "not-there"), 0);
        assert_int_equal(access("/etc/passwd", F_OK), 0);
        assert_int_equal(faccessat(at, "b", F_OK, 0), -1);
        (void)close(at);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ends),
                cmocka_unit_test(cannot_start),
                cmocka_unit_test(is_ended),
                cmocka_unit_test(is_limited),
                cmocka_unit_test(has_no_network),
                cmocka_unit_test(has_a_network_when_it_is_given),
                cmocka_unit_test(reads_its_input),
                cmocka_unit_test(sees_files_when_it_may),
                cmocka_unit_test(has_no_capabilities),
                cmocka_unit_test(walks_and_removes_trees),
        };
        return cmocka_run_group_tests_name("child", tests, set_up, tear_down);
}
