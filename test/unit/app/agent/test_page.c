/* bramble-agent(8) has every option, and docs/agent.md every check. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/check/check.h"
#include "app/bramble-agent/options.h"
#include "base/cleanup.h"
#include "test/unit/app/page.h"

static const char *folder; /* the project's */

static void every_option_has_its_paragraph(void **state) {
        (void)state;
        CLEANUP(free_at) char *page = page_of(folder, "man/bramble-agent.8");

        for (const struct option *row = options_rows; row->name; row++) {
                char tag[64];
                (void)snprintf(tag, sizeof(tag), "--%s", row->name);
                if (!page_has_tag(page, tag))
                        fail_msg("man/bramble-agent.8 has no paragraph for %s", tag);
        }
        assert_false(page_has_tag(page, "--listen")); /* the check can fail */
}

static void every_check_is_described(void **state) {
        (void)state;
        CLEANUP(free_at) char *page = page_of(folder, "docs/agent.md");

        for (const struct check *row = checks; row->name; row++) {
                char word[64];
                (void)snprintf(word, sizeof(word), "`%s`", row->name);
                if (!strstr(page, word))
                        fail_msg("docs/agent.md says nothing of %s", word);
        }
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_option_has_its_paragraph),
                cmocka_unit_test(every_check_is_described),
        };
        folder = argc > 1 ? argv[1] : ".";
        return cmocka_run_group_tests(tests, NULL, NULL);
}
