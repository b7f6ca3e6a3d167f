/* Images of a list for boards: by Imager's tags, and by our names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/bramble/catalog/suits.h"

static void by_tags_and_by_names(void **state) {
        static const struct {
                const char *devices[3], *board;
                bool wanted;
        } rows[] = {
                { { "pi5-64bit", "pi4-64bit" }, "pi4b", true },
                { { "pi5-64bit", "pi4-64bit" }, "cm5", true },
                { { "pi5-64bit", "pi4-64bit" }, "pi3b", false },
                { { "pi3-32bit" }, "pi3b-plus", true },
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

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(by_tags_and_by_names) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
