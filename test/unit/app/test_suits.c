/* Images of a list for boards: by Imager's tags, and by our names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/catalog/suits.h"
#include "core/machine/board.h"

static void by_tags_and_by_names(void **state) {
        static const struct {
                const char *devices[3], *board;
                bool wanted;
        } rows[] = {
                { { "pi5-64bit", "pi4-64bit" }, "pi4b", true },
                { { "pi5-64bit", "pi4-64bit" }, "cm5", true },
                { { "pi5-64bit", "pi4-64bit" }, "pi3b", false },
                { { "pi3-32bit" }, "pi3b-plus", true },
                { { "pi5-64bit", "pi4-64bit" }, "pi4", true }, /* a kind: any of its boards */
                { { "pi400" }, "pi4", true },
                { { "pi3b" }, "pi4", false },
                { { "pi3-64bit" }, "pi4", false },
                { { "pi400" }, "pi4b", false },
                { { "pi" }, "pi4b", false }, /* of no generation */
                { { "pi4-64bit" }, "uefi-arm64", false },
                { { "uefi-arm64" }, "uefi-arm64", true }, /* a list of ours */
                { {}, "uefi-amd64", true },               /* it does not say */
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct os_image image = { .devices = (char **)(uintptr_t)rows[i].devices };
                assert_int_equal(catalog_suits(&image, rows[i].board), rows[i].wanted);
        }
}

static void names_of_boards(void **state) {
        static const struct {
                const char *board, *meant;
                bool is_known;
        } rows[] = {
                { "pi4", NULL, true }, /* any of them */
                { "kiosk-box", NULL, true },
                { "pi4-64bit", NULL, true }, /* what lists say */
                { "pi4c", "pi4", false },
                { "uefi-arm46", "uefi-arm64", false },
                { "kiosk-bix", "kiosk-box", false },
                { "pi99", NULL, false },
                { "", NULL, false },
        };
        static const char *const devices[] = { "pi4-64bit", "kiosk-box", NULL };
        struct os_image image = { .devices = (char **)(uintptr_t)devices };
        const struct os_list list = { .images = &image, .n = 1 };
        const char *meant;
        (void)state;

        for (size_t i = 0; i < n_boards_builtin; i++)
                assert_true(catalog_knows(&list, boards_builtin[i].name, &meant));
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                meant = NULL;
                assert_int_equal(catalog_knows(&list, rows[i].board, &meant), rows[i].is_known);
                assert_true(rows[i].meant == meant || strcmp(rows[i].meant, meant) == 0);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(by_tags_and_by_names),
                                            cmocka_unit_test(names_of_boards) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
