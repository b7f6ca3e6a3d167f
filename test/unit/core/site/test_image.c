/* Finding the files of an image. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/site/image.h"

/* Not in order, as an import may bring them. */
static const struct {
        const char *path;
        enum image_role role;
} files[] = {
        { "overlays/vc4-kms-v3d.dtbo", IMAGE_FILE_OTHER },
        { "kernel8.img", IMAGE_FILE_KERNEL },
        { "LICENCE.broadcom", IMAGE_FILE_OTHER },
        { "config.txt", IMAGE_FILE_CONFIG_TXT },
        { "kernel7.img", IMAGE_FILE_KERNEL },
        { "overlays/README", IMAGE_FILE_OTHER },
};

static struct image *image_of_files(void) {
        struct image *i = image_new();
        assert_non_null(i);
        i->files = calloc(ARRAY_LEN(files), sizeof(*i->files));
        assert_non_null(i->files);
        for (size_t n = 0; n < ARRAY_LEN(files); n++)
                i->files[i->n_files++] = (struct image_file){ .path = strdup(files[n].path),
                                                              .role = files[n].role,
                                                              .size = 10 };
        assert_int_equal(image_index(i), 0);
        return i;
}

static void finds_files(void **state) {
        (void)state;
        CLEANUP(image_drop_at) struct image *i = image_of_files();

        for (size_t n = 0; n < ARRAY_LEN(files); n++)
                assert_string_equal(image_find(i, files[n].path)->path, files[n].path);
        assert_null(image_find(i, "KERNEL8.IMG"));
        assert_null(image_find(i, "kernel8"));
        assert_null(image_find(i, ""));
        assert_string_equal(image_find_folded(i, "KERNEL8.IMG")->path, "kernel8.img");
        assert_string_equal(image_find_folded(i, "licence.Broadcom")->path, "LICENCE.broadcom");
        assert_null(image_find_folded(i, "kernel8.im"));
        assert_null(image_find_folded(i, "kernel8.img2"));
        assert_null(image_find_folded(i, ""));
        assert_int_equal(i->size, 10 * ARRAY_LEN(files));
}

static void finds_folders_and_roles(void **state) {
        (void)state;
        CLEANUP(image_drop_at) struct image *i = image_of_files();

        assert_true(image_has_folder(i, "overlays", 8));
        assert_true(image_has_folder(i, "Overlays/x", 8));
        assert_false(image_has_folder(i, "overlay", 7));
        assert_false(image_has_folder(i, "kernel8.img", 11));
        assert_false(image_has_folder(i, "", 0));
        assert_string_equal(image_find_role(i, IMAGE_FILE_KERNEL)->path,
                            "kernel7.img"); /* the first by path */
        assert_null(image_find_role(i, IMAGE_FILE_SHIM));
}

static void refuses_a_path_twice(void **state) {
        (void)state;
        CLEANUP(image_drop_at) struct image *i = image_of_files();
        free(i->files[0].path);
        i->files[0].path = strdup(i->files[1].path);
        assert_int_equal(image_index(i), -EEXIST);
}

static void an_empty_image_has_nothing(void **state) {
        (void)state;
        CLEANUP(image_drop_at) struct image *i = image_new();
        assert_int_equal(image_index(i), 0);
        assert_null(image_find(i, "a"));
        assert_null(image_find_folded(i, "a"));
        assert_null(image_find_role(i, IMAGE_FILE_KERNEL));
}

static void names_roles(void **state) {
        (void)state;
        for (enum image_role role = IMAGE_FILE_OTHER; role < IMAGE_ROLES; role++) {
                enum image_role back;
                assert_int_equal(image_role_parse(image_role_name(role), &back), 0);
                assert_int_equal(back, role);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(finds_files),          cmocka_unit_test(finds_folders_and_roles),
                cmocka_unit_test(refuses_a_path_twice), cmocka_unit_test(an_empty_image_has_nothing),
                cmocka_unit_test(names_roles),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
