/* The operator's folder of boards: what is right counts, what is wrong is left out. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "region/boards.h"

static const struct {
        const char *name, *yaml;
} files[] = {
        { "lab.yaml", "name: lab\ntitle: Lab board\nfamily: none\narchs: [arm64]\nclient: uboot-arm64\n"
                      "methods: [uboot-pxelinux]\n" },
        { "pi4b.yaml", "name: pi4b\ntitle: Our Pi 4\nfamily: 2711\narchs: [arm64]\nrevision_types: [0x11]\n"
                       "dtbs: [ours.dtb]\nclient: pi4\nmethods: [pi-tftp]\n" },
        { "toaster.yaml",
          "name: toaster\ntitle: x\nfamily: none\narchs: [arm64]\nclient: toaster\nmethods: [uefi-pxe]\n" },
        { "wrong.yaml", "name: [\n" },
        { "notes.txt",
          "name: notes\ntitle: x\nfamily: none\narchs: [arm64]\nclient: uefi-arm64\nmethods: [uefi-pxe]\n" },
        { ".hidden.yaml",
          "name: hidden\ntitle: x\nfamily: none\narchs: [arm64]\nclient: uefi-arm64\nmethods: [uefi-pxe]\n" },
};

static void lays_over_what_is_right(void **state) {
        char dir[] = "/tmp/bramble-boards-XXXXXX", path[256];
        CLEANUP(board_set_drop_at) struct board_set *builtin = board_set_builtin();
        CLEANUP(board_set_drop_at) struct board_set *s = NULL;
        (void)state;

        assert_non_null(mkdtemp(dir));
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
                FILE *f = fopen(path, "w");
                assert_non_null(f);
                (void)fputs(files[i].yaml, f);
                assert_int_equal(fclose(f), 0);
        }
        (void)snprintf(path, sizeof(path), "%s/folder.yaml", dir);
        assert_int_equal(mkdir(path, 0700), 0);
        int r = region_boards_load(dir, &s, NULL);
        (void)rmdir(path);
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                (void)snprintf(path, sizeof(path), "%s/%s", dir, files[i].name);
                (void)unlink(path);
        }
        (void)rmdir(dir);

        assert_int_equal(r, 0);
        assert_int_equal(board_set_len(s), board_set_len(builtin) + 1);
        assert_string_equal(board_find(s, "lab")->title, "Lab board");
        assert_string_equal(board_find(s, "pi4b")->title, "Our Pi 4");
        assert_null(board_find(s, "toaster"));
}

static void a_folder_may_lack(void **state) {
        CLEANUP(board_set_drop_at) struct board_set *builtin = board_set_builtin();
        CLEANUP(board_set_drop_at) struct board_set *s = NULL;
        struct error err = {};
        (void)state;

        assert_int_equal(region_boards_load("/nonexistent/boards", &s, NULL), 0);
        assert_int_equal(board_set_len(s), board_set_len(builtin));
        board_set_drop(s);
        s = NULL;
        assert_int_equal(region_boards_load("/dev/null", &s, &err), -ENOTDIR);
        assert_string_equal(err.text, "boards in /dev/null: Not a directory");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lays_over_what_is_right),
                cmocka_unit_test(a_folder_may_lack),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
