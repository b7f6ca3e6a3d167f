/* Steps that were made are found again, and halves of them never. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/bramble/build/build.h"
#include "app/bramble/build/cache.h"

static char dir[64];

static int make_dir(void **state) {
        (void)state;
        (void)snprintf(dir, sizeof(dir), "/tmp/bramble-cache-XXXXXX");
        return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state) {
        CLEANUP(argv_free) struct argv argv = {};

        (void)state;
        argv_add_all(&argv, (const char *const[]){ "rm", "-r", dir, NULL });
        return child_run(&(struct child){ .argv = &argv }, NULL);
}

static char *make_step(const struct cache *c, const char *name, const char *inputs) {
        CLEANUP(free_at) char *part = NULL;
        char *path = NULL;

        assert_int_equal(cache_begin(c, name, &part, NULL), 0);
        assert_int_equal(build_write_text(part, "result", inputs, NULL), 0);
        assert_int_equal(cache_commit(c, name, inputs, part, &path, NULL), 0);
        return path;
}

static void whole_steps_are_found(void **state) {
        CLEANUP(cache_close) struct cache c = {};
        CLEANUP(free_at) char *name = cache_name("root", "bookworm-arm64-generic", "edition 1\n");

        (void)state;
        assert_int_equal(cache_open(dir, &c, NULL), 0);
        assert_null(cache_find(&c, name, "edition 1\n"));
        CLEANUP(free_at) char *made = make_step(&c, name, "edition 1\n");
        CLEANUP(free_at) char *found = cache_find(&c, name, "edition 1\n");
        assert_string_equal(made, found);
        assert_null(cache_find(&c, name, "edition 1")); /* whatever the name says: these are its inputs */
}

static void half_a_step_is_made_anew(void **state) {
        CLEANUP(cache_close) struct cache c = {};
        CLEANUP(free_at)
        char *name = cache_name("disk", "bookworm-arm64-generic", "a"), *part = NULL, *again = NULL;

        (void)state;
        assert_int_equal(cache_open(dir, &c, NULL), 0);
        assert_int_equal(cache_begin(&c, name, &part, NULL), 0);
        assert_int_equal(build_write_text(part, "half", "x", NULL), 0);
        assert_null(cache_find(&c, name, "a"));
        assert_int_equal(cache_begin(&c, name, &again, NULL), 0);
        CLEANUP(free_at) char *half = build_path(again, "half");
        assert_int_equal(access(half, F_OK), -1);
}

static void other_inputs_take_the_place(void **state) {
        CLEANUP(cache_close) struct cache c = {};
        CLEANUP(free_at) char *a = cache_name("squashfs", "bookworm-arm64-generic", "a");
        CLEANUP(free_at) char *b = cache_name("squashfs", "bookworm-arm64-generic", "b");
        CLEANUP(free_at) char *other = cache_name("squashfs", "bookworm-arm64-raspi", "a");

        (void)state;
        assert_string_not_equal(a, b);
        assert_int_equal(cache_open(dir, &c, NULL), 0);
        CLEANUP(free_at) char *kept = make_step(&c, other, "a");
        CLEANUP(free_at) char *old = make_step(&c, a, "a");
        CLEANUP(free_at) char *new = make_step(&c, b, "b");
        assert_int_equal(access(old, F_OK), -1);
        assert_int_equal(access(new, F_OK), 0);
        assert_int_equal(access(kept, F_OK), 0); /* another variant's */
}

static void one_build_at_a_time(void **state) {
        CLEANUP(cache_close) struct cache c = {}, d = {};
        struct error err = {};

        (void)state;
        assert_int_equal(cache_open(dir, &c, NULL), 0);
        assert_int_equal(cache_open(dir, &d, &err), -EBUSY);
        assert_non_null(strstr(err.text, "another image is being built"));
        cache_close(&c);
        assert_int_equal(cache_open(dir, &d, NULL), 0);
}

static void where_it_lies(void **state) {
        (void)state;
        setenv("BRAMBLE_CACHE", "/a", 1);
        setenv("XDG_CACHE_HOME", "/b", 1);
        setenv("HOME", "/c", 1);
        CLEANUP(free_at) char *first = cache_dir_choose();
        assert_string_equal(first, "/a");
        unsetenv("BRAMBLE_CACHE");
        CLEANUP(free_at) char *second = cache_dir_choose();
        assert_string_equal(second, "/b/bramble");
        setenv("XDG_CACHE_HOME", "", 1);
        CLEANUP(free_at) char *third = cache_dir_choose();
        assert_string_equal(third, "/c/.cache/bramble");
        unsetenv("HOME");
        assert_null(cache_dir_choose());
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(whole_steps_are_found, make_dir, remove_dir),
                cmocka_unit_test_setup_teardown(half_a_step_is_made_anew, make_dir, remove_dir),
                cmocka_unit_test_setup_teardown(other_inputs_take_the_place, make_dir, remove_dir),
                cmocka_unit_test_setup_teardown(one_build_at_a_time, make_dir, remove_dir),
                cmocka_unit_test(where_it_lies),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
