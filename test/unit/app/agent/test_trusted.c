/* What the list in a signed boot.img allows, and what its absence does. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/trusted.h"
#include "test/fake/machine_tree.h"

static const uint8_t named[SHA256_SIZE] = { 0xab, 0xcd }, other[SHA256_SIZE] = { 0xab, 0xce };

#define ZEROS "000000000000000000000000000000000000000000000000000000000000"
#define LINE(digits) digits ZEROS "\n"

static void only_what_is_named_is_used(void **state) {
        static const struct machine_file nothing[] = { {} };
        struct machine_tree m;
        struct error error = {};
        (void)state;

        machine_tree_make(&m, nothing);
        assert_false(trusted_is_required(&m.tree));
        assert_int_equal(trusted_check(&m.tree, other, "the image's map", &error), 0);

        machine_tree_put(&m, "bramble/trusted", LINE("1234") LINE("abcd"));
        assert_true(trusted_is_required(&m.tree));
        assert_int_equal(trusted_check(&m.tree, named, "the image's map", &error), 0);
        assert_int_equal(trusted_check(&m.tree, other, "the image's map", &error), -EPERM);
        assert_non_null(strstr(error.text, "the image's map (SHA-256 abce0"));

        machine_tree_put(&m, "bramble/trusted", ""); /* nothing at all */
        assert_true(trusted_is_required(&m.tree));
        assert_int_equal(trusted_check(&m.tree, named, "the image's map", &error), -EPERM);
        machine_tree_remove(&m);
}

/* While a machine has no image all of the site's are named, and there may be a thousand. */
static void the_last_of_many_counts(void **state) {
        enum { MANY = 2000, LINE = 65 };
        static const struct machine_file nothing[] = { {} };
        CLEANUP(free_at) char *list = calloc(MANY + 2, LINE);
        struct machine_tree m;
        struct error error = {};
        (void)state;

        assert_non_null(list);
        machine_tree_make(&m, nothing);
        for (size_t i = 0; i < MANY; i++)
                (void)snprintf(list + i * LINE, LINE + 1, LINE("%04zx"), i);
        (void)snprintf(list + MANY * LINE, LINE + 1, LINE("abcd"));
        machine_tree_put(&m, "bramble/trusted", list);
        assert_int_equal(trusted_check(&m.tree, named, "the image's map", &error), 0);
        assert_int_equal(trusted_check(&m.tree, other, "the image's map", &error), -EPERM);
        machine_tree_remove(&m);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(only_what_is_named_is_used),
                                            cmocka_unit_test(the_last_of_many_counts) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
