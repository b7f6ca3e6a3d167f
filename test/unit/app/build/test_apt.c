/* Debian's mirrors from apt's own words. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/build/apt.h"
#include "app/bramble/build/view.h"

#define KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

static void mirrors_become_sources(void **state) {
        static const char output[] =
                "http://m.example/debian/ bookworm main " KEYRING "\n"
                "http://m.example/debian/ bookworm contrib " KEYRING "\n"
                "http://m.example/debian/ bookworm main " KEYRING "\n" /* for another architecture */
                "http://m.example/debian/ bookworm-updates main " KEYRING "\n"
                "http://m.example/debian/ bookworm-backports main " KEYRING "\n"
                "http://m.example/security/ bookworm-security main $(SIGNED_BY)\n"
                "too few fields\n\n";
        CLEANUP(apt_mirrors_free) struct apt_mirrors m = {};
        CLEANUP(text_free) struct text sources = {};

        (void)state;
        assert_int_equal(apt_mirrors_parse(output, strlen(output), &m, NULL), 0);
        assert_int_equal(m.n, 3);
        apt_sources(&m, "bookworm", "main non-free-firmware", &sources);
        assert_string_equal(sources.octets,
                            "Types: deb\nURIs: http://m.example/debian/\nSuites: bookworm\n"
                            "Components: main non-free-firmware\nSigned-By: " KEYRING "\n\n"
                            "Types: deb\nURIs: http://m.example/debian/\nSuites: bookworm-updates\n"
                            "Components: main non-free-firmware\nSigned-By: " KEYRING "\n\n"
                            "Types: deb\nURIs: http://m.example/security/\nSuites: bookworm-security\n"
                            "Components: main non-free-firmware\n");
}

static void another_release_of_the_same_mirror(void **state) {
        static const char output[] = "http://m.example/debian/ trixie main $(SIGNED_BY)\n"
                                     "http://m.example/security/ trixie-security main $(SIGNED_BY)\n";
        CLEANUP(apt_mirrors_free) struct apt_mirrors m = {};
        CLEANUP(text_free) struct text sources = {};

        (void)state;
        assert_int_equal(apt_mirrors_parse(output, strlen(output), &m, NULL), 0);
        apt_sources(&m, "bookworm", "main", &sources);
        assert_non_null(strstr(sources.octets, "Suites: bookworm\n"));
        assert_non_null(strstr(sources.octets, "Suites: bookworm-security\n"));
        assert_null(strstr(sources.octets, "trixie"));
}

static void without_a_mirror_there_is_a_sentence(void **state) {
        static const char *const rows[] = {
                "", "http://m.example/debian/ bookworm main",
                "http://m.example/security/ bookworm-security main $(SIGNED_BY)\n",
                "http://m.example/debian/ bookworm contrib $(SIGNED_BY)\n"
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(apt_mirrors_free) struct apt_mirrors m = {};
                struct error err = {};
                assert_int_equal(apt_mirrors_parse(rows[i], strlen(rows[i]), &m, &err), -ENOENT);
                assert_non_null(strstr(err.text, "/etc/apt/sources.list.d"));
        }
}

static void the_view_is_apart(void **state) {
        static const char *const wanted[] = { "-oDir::Etc::SourceParts=/c/view/sources",
                                              "-oDir::Etc::SourceList=/dev/null",
                                              "-oDir::State::Lists=/c/view/lists",
                                              "-oDir::State::status=/c/view/status",
                                              "-oDir::Cache=/c/view/cache",
                                              "-oAPT::Architecture=arm64",
                                              "-oAPT::Architectures=arm64" };
        CLEANUP(argv_free) struct argv argv = {};

        (void)state;
        apt_view_options(&argv, "/c/view", "arm64");
        for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
                bool is_there = false;
                for (size_t k = 0; k < argv.n; k++)
                        is_there |= strcmp(argv.words[k], wanted[i]) == 0;
                if (!is_there)
                        fail_msg("%s is missing", wanted[i]);
        }
}

static void a_metapackage_names_its_kernel(void **state) {
        static const struct {
                const char *output, *kernel;
        } rows[] = {
                { "linux-image-arm64\n  Depends: linux-image-6.1.0-57-arm64\n",
                  "linux-image-6.1.0-57-arm64" },
                { "linux-image-amd64\n PreDepends: x\n  Depends: linux-image-6.1.0-57-amd64 | y\n",
                  "linux-image-6.1.0-57-amd64" },
                { "linux-image-arm64\n  Depends: other\n", NULL },
                { "", NULL },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(free_at) char *kernel = view_kernel_parse(rows[i].output);
                if (rows[i].kernel)
                        assert_string_equal(kernel, rows[i].kernel);
                else
                        assert_null(kernel);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(mirrors_become_sources),
                cmocka_unit_test(another_release_of_the_same_mirror),
                cmocka_unit_test(without_a_mirror_there_is_a_sentence),
                cmocka_unit_test(the_view_is_apart),
                cmocka_unit_test(a_metapackage_names_its_kernel),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
