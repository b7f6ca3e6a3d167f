/* The rows of what can be built make sense, and what there is not is told. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/build/agent_plan.h"
#include "app/bramble/build/build.h"
#include "app/bramble/build/recipe.h"
#include "app/bramble/commands.h"

static const struct option *option_of(const char *verb, const char *name) {
        const struct option *o = command_find("image", verb)->options;
        while (strcmp(o->name, name) != 0)
                o++;
        return o;
}

/* What the command line offers, and nothing else. */
static void the_command_line_offers_every_row(void **state) {
        (void)state;
        for (const struct recipe *r = recipes; r->variant; r++) {
                assert_non_null(strstr(option_of("build", "arch")->choices, r->arch));
                assert_non_null(strstr(option_of("build", "variant")->choices, r->variant));
                assert_true(r->boot_mib >= 64 && r->packages[0] && r->cmdline && r->boot_mount);
                assert_true(r->boot_tree || r->boot_files[0].from); /* something starts it */
        }
        for (const struct distribution *d = distributions; d->name; d++)
                assert_non_null(strstr(command_find("image", "build")->words[0].choices, d->name));
        for (const struct agent_kernel *k = agent_kernels; k->arch; k++)
                assert_non_null(strstr(option_of("build-agent", "arch")->choices, k->arch));
}

static void what_there_is_not_is_told(void **state) {
        struct error err = {};

        (void)state;
        assert_null(distribution_find("debian/11", &err));
        assert_string_equal(err.text, "cannot build debian/11: there is debian/12");
        assert_null(recipe_find("raspi", "amd64", &err));
        assert_string_equal(err.text, "variant raspi is not built for amd64: there is arm64, armhf");
        assert_non_null(recipe_find("generic", "armhf", NULL));
}

static void names(void **state) {
        char name[64];

        (void)state;
        assert_int_equal(
                recipe_name(&distributions[0], recipe_find("generic", "arm64", NULL), name, sizeof(name)), 0);
        assert_string_equal(name, "debian-12-arm64");
        assert_int_equal(
                recipe_name(&distributions[0], recipe_find("raspi", "armhf", NULL), name, sizeof(name)), 0);
        assert_string_equal(name, "debian-12-raspi-armhf");
        assert_int_equal(recipe_name(&distributions[0], &recipes[0], name, 4), -ENAMETOOLONG);
}

static void sizes(void **state) {
        static const struct {
                const char *text;
                uint64_t octets; /* 0: it is none */
        } rows[] = {
                { "3G", (uint64_t)3 << 30 },
                { "3GiB", (uint64_t)3 << 30 },
                { "2500M", (uint64_t)2500 << 20 },
                { "64G", (uint64_t)64 << 30 },
                { "65G", 0 },
                { "0G", 0 },
                { "G", 0 },
                { "3", 0 },
                { "3T", 0 },
                { "-3G", 0 },
                { "3 G", 0 },
                { "99999999999999999999G", 0 },
                { "", 0 },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint64_t octets = 0;
                const int r = recipe_size_parse(rows[i].text, &octets, NULL);
                if (octets != rows[i].octets || (r == 0) != (octets != 0))
                        fail_msg("%s is %llu octets", rows[i].text, (unsigned long long)octets);
        }
}

static bool has_only_tar(const char *program) {
        return strcmp(program, "tar") == 0;
}

static void missing_tools_are_named_by_package(void **state) {
        static const struct tool_need needs[] = {
                { "tar", "tar" }, { "mke2fs", "e2fsprogs" }, { "sfdisk", "fdisk" }, {}
        };
        struct error err = {};

        (void)state;
        assert_int_equal(build_check_tools(needs, has_only_tar, &err), -ENOENT);
        assert_string_equal(err.text, "building needs more of Debian: `apt-get install e2fsprogs fdisk`");
        assert_int_equal(build_check_tools(needs + 3, has_only_tar, &err), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_command_line_offers_every_row),
                cmocka_unit_test(what_there_is_not_is_told),
                cmocka_unit_test(names),
                cmocka_unit_test(sizes),
                cmocka_unit_test(missing_tools_are_named_by_package),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
