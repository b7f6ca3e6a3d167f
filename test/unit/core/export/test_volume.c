/* What a machine's volumes are called, and which names are none of them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/export/volume.h"

static void names_say_whose_it_is(void **state) {
        static const struct {
                struct volume v;
                const char *folder, *file, *export;
        } rows[] = {
                { { VOLUME_NFS, VOLUME_ROOT, 7 }, "m-7", "root", "/m-7/root" },
                { { VOLUME_NFS, VOLUME_DATA, 7 }, "m-7", "data", "/m-7/data" },
                { { VOLUME_NBD, VOLUME_ROOT, 7 }, "m-7", "root.qcow2", "m-7" },
                { { VOLUME_NFS, VOLUME_ROOT2, 7 }, "m-7", "root2", "/m-7/root2" },
                { { VOLUME_NBD, VOLUME_ROOT2, 7 }, "m-7", "root2.qcow2", "m-7-root2" },
                { { VOLUME_NBD, VOLUME_DATA, INT64_MAX },
                  "m-9223372036854775807",
                  "data.qcow2",
                  "m-9223372036854775807-data" },
        };
        char buf[VOLUME_NAME_SIZE];
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                assert_true(volume_is_sound(&rows[i].v));
                assert_string_equal(volume_folder(rows[i].v.machine, buf), rows[i].folder);
                assert_string_equal(volume_file(&rows[i].v, buf), rows[i].file);
                assert_string_equal(volume_export(&rows[i].v, buf), rows[i].export);
        }
}

static void only_our_folders_are_read(void **state) {
        static const char *const others[] = { "",     "m-",   "m-0",          "m-07",
                                              "m-7x", "7",    "m--7",         "m-0x7",
                                              "tmp",  "base", "at-10.77.0.1", "m-9223372036854775808" };
        uint64_t machine = 99;
        (void)state;

        assert_int_equal(volume_folder_parse("m-7", &machine), 0);
        assert_int_equal(machine, 7);
        for (size_t i = 0; i < ARRAY_LEN(others); i++) {
                assert_int_equal(volume_folder_parse(others[i], &machine), -EINVAL);
                assert_int_equal(machine, 7);
        }
}

static void a_base_is_named_by_content_and_size(void **state) {
        const uint8_t content[32] = { 0xab, 0xcd };
        char buf[VOLUME_BASE_SIZE];
        (void)state;

        assert_string_equal(volume_base(content, 8192 * VOLUME_MIB, buf),
                            "abcd000000000000000000000000000000000000000000000000000000000000-8192");
        assert_int_equal(strlen(volume_base(content, VOLUME_SIZE_MOST, buf)), 64 + strlen("-1048576"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(names_say_whose_it_is),
                cmocka_unit_test(only_our_folders_are_read),
                cmocka_unit_test(a_base_is_named_by_content_and_size),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
