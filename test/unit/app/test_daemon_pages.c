/* brambled(8) and brambled.yaml(5) say what the tables say; data/brambled.yaml shows the defaults. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/brambled/config.h"
#include "app/brambled/options.h"
#include "base/text.h"
#include "page.h"

static const char *folder; /* the project's */

static void every_option_has_its_paragraph(void **state) {
        CLEANUP(free_at) char *page = page_of(folder, "man/brambled.8");

        (void)state;
        for (const struct option_row *row = option_rows; row->name; row++) {
                char tag[64];
                (void)snprintf(tag, sizeof(tag), "--%s", row->name);
                if (!page_has_tag(page, tag))
                        fail_msg("man/brambled.8 has no paragraph for %s", tag);
        }
        assert_false(page_has_tag(page, "--listen")); /* the check can fail */
}

static void every_key_has_its_paragraph(void **state) {
        CLEANUP(free_at) char *page = page_of(folder, "man/brambled.yaml.5");

        (void)state;
        for (const struct config_key *key = config_keys; key->name; key++) {
                char tag[128];
                if (!page_has_tag(page, key->name))
                        fail_msg("man/brambled.yaml.5 has no paragraph for %s", key->name);
                if (!key->fallback || !*key->fallback)
                        continue;
                (void)snprintf(tag, sizeof(tag), "%s  (default %s)", key->name, key->fallback);
                if (!page_has_tag(page, tag))
                        fail_msg("man/brambled.yaml.5 does not say: %s", tag);
        }
}

static void fail_on(void *ctx, const struct config_key *key) {
        (void)ctx;
        fail_msg("data/brambled.yaml does not show the default of %s", key->name);
}

static void the_sample_shows_the_defaults(void **state) {
        CLEANUP(config_free_at) struct config *sample = NULL, *defaults = NULL;
        struct error err = {};
        char path[4096];

        (void)state;
        (void)snprintf(path, sizeof(path), "%s/data/brambled.yaml", folder);
        if (config_load(path, false, &sample, &err) < 0)
                fail_msg("%s", err.text);
        assert_int_equal(config_parse("", 0, "", &defaults, NULL), 0);
        config_each_change(defaults, sample, fail_on, NULL);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_option_has_its_paragraph),
                cmocka_unit_test(every_key_has_its_paragraph),
                cmocka_unit_test(the_sample_shows_the_defaults),
        };
        if (argc != 2)
                return 2;
        folder = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
