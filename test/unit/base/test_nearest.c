/* What somebody meant who mistyped a word. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/nearest.h"

static void slips_are_counted(void **state) {
        static const struct {
                const char *a, *b;
                unsigned slips;
        } rows[] = {
                { "", "", 0 },          { "list", "list", 0 },   { "lst", "list", 1 }, /* one too few */
                { "listt", "list", 1 },                                                /* one too many */
                { "lisr", "list", 1 },                                                 /* another one */
                { "lsit", "list", 1 }, /* two changed places */
                { "tils", "list", 3 }, /* only the i is in its place */
                { "ca", "abc", 3 },    /* restricted: what changed places is not edited again */
                { "", "list", 4 },      { "subnet", "boot", 4 },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                assert_int_equal(nearest_slips(rows[i].a, rows[i].b), rows[i].slips);
                assert_int_equal(nearest_slips(rows[i].b, rows[i].a), rows[i].slips);
        }
}

static void the_nearest_is_found(void **state) {
        static const char *const words[] = { "machine", "image",  "subnet", "lease",
                                             "boot",    "status", "show",   "set" };
        static const struct {
                const char *typed, *meant; /* NULL: nothing is near enough to be named */
        } rows[] = {
                { "machien", "machine" },
                { "imgae", "image" },
                { "stats", "status" },
                { "sho", "show" },
                { "st", "set" },
                { "firmware", NULL },
                { "x", NULL },
                { "", NULL },
                { "leas", "lease" },
                { "bot", "boot" },
                { "0123456789012345678901234567890123456789012345678901234567890123456789", NULL },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct nearest n = nearest_to(rows[i].typed);
                for (size_t w = 0; w < ARRAY_LEN(words); w++)
                        nearest_offer(&n, words[w]);
                if (rows[i].meant)
                        assert_string_equal(n.best, rows[i].meant);
                else
                        assert_null(n.best);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(slips_are_counted),
                cmocka_unit_test(the_nearest_is_found),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
