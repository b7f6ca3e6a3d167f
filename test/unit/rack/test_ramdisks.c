/* Kept boot.img files: found by name, few at a time, and not for ever. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rack/ramdisks.h"

static void keep(struct ramdisks *d, const char *name, uint64_t now_ms) {
        CLEANUP(boot_file_drop_at) struct boot_file *file = boot_file_of_octets(name, strlen(name));

        assert_non_null(file);
        ramdisks_keep(d, name, file, now_ms);
}

static bool is_there(struct ramdisks *d, const char *name, uint64_t now_ms) {
        CLEANUP(boot_file_drop_at) struct boot_file *file = ramdisks_find(d, name, now_ms);
        char octets[16] = "";

        if (!file)
                return false;
        assert_int_equal(boot_file_read(file, 0, octets, sizeof(octets) - 1), strlen(name));
        assert_string_equal(octets, name);
        return true;
}

static void one_is_found_by_its_name(void **state) {
        CLEANUP(ramdisks_free_at) struct ramdisks *d = ramdisks_new();
        (void)state;

        assert_false(is_there(d, "pi4", 0));
        keep(d, "pi4", 0);
        keep(d, "pi5", 0);
        assert_true(is_there(d, "pi4", 1));
        assert_true(is_there(d, "pi5", 1));
        assert_false(is_there(d, "pi3", 1));
}

static void two_threads_that_built_one_keep_one(void **state) {
        CLEANUP(ramdisks_free_at) struct ramdisks *d = ramdisks_new();
        (void)state;

        keep(d, "pi4", 0);
        CLEANUP(boot_file_drop_at) struct boot_file *first = ramdisks_find(d, "pi4", 0);
        keep(d, "pi4", 1);
        CLEANUP(boot_file_drop_at) struct boot_file *again = ramdisks_find(d, "pi4", 1);
        assert_ptr_equal(first, again);
}

static void the_one_not_asked_for_longest_makes_room(void **state) {
        CLEANUP(ramdisks_free_at) struct ramdisks *d = ramdisks_new();
        char name[8];
        (void)state;

        for (unsigned i = 0; i < RAMDISKS_KEPT; i++) {
                (void)snprintf(name, sizeof(name), "%u", i);
                keep(d, name, i);
        }
        assert_true(is_there(d, "0", 100));
        keep(d, "more", 101);
        assert_true(is_there(d, "0", 102));
        assert_false(is_there(d, "1", 102));
        assert_true(is_there(d, "2", 102));
        assert_true(is_there(d, "more", 102));
}

static void what_nobody_reads_is_forgotten(void **state) {
        CLEANUP(ramdisks_free_at) struct ramdisks *d = ramdisks_new();
        (void)state;

        keep(d, "read", 0);
        keep(d, "unread", 0);
        CLEANUP(boot_file_drop_at) struct boot_file *reader = ramdisks_find(d, "read", 0);
        assert_non_null(reader);
        assert_false(is_there(d, "other", RAMDISKS_UNUSED_MS - 1)); /* each question looks */
        assert_true(is_there(d, "unread", RAMDISKS_UNUSED_MS - 1));
        assert_false(is_there(d, "other", 2 * RAMDISKS_UNUSED_MS));
        assert_true(is_there(d, "read", 2 * RAMDISKS_UNUSED_MS));
        assert_false(is_there(d, "unread", 2 * RAMDISKS_UNUSED_MS));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_is_found_by_its_name),
                cmocka_unit_test(two_threads_that_built_one_keep_one),
                cmocka_unit_test(the_one_not_asked_for_longest_makes_room),
                cmocka_unit_test(what_nobody_reads_is_forgotten),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
