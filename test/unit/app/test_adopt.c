/* What boards say when they are looked at, and what they are told. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/adopt/script.h"

#define SAID(model, rest) "Linux attic 6.6\nBRAMBLE-BEGIN\nmodel " model "\n" rest
#define PI4 "Raspberry Pi 4 Model B Rev 1.2"

static void what_a_board_says(void **state) {
        static const struct {
                const char *said, *board, *wanted; /* the configuration, or a part of the sentence */
        } rows[] = {
                { SAID(PI4, "version 2026/05/17 12:00:00 ts 1779019200\nconfig\n[all]\nBOOT_ORDER=0xf41\n"),
                  "pi4", "[all]\nBOOT_ORDER=0xf41\n" },
                { SAID("Raspberry Pi 5 Model B Rev 1.0", "version \nconfig\nA=1\n"), "pi5", "A=1\n" },
                { SAID("Raspberry Pi 500 Rev 1.0", "version \nconfig\nA=1\n"), "pi5", "A=1\n" },
                { SAID("Raspberry Pi Compute Module 4 Rev 1.1", "version \nconfig\nA=1\n"), "cm4", "A=1\n" },
                { SAID("Raspberry Pi 3 Model B", "version \nconfig\n"), NULL, "no EEPROM" },
                { SAID("", "version \nconfig\n"), NULL, "nothing" },
                { SAID(PI4, "error no tools\nversion \nconfig\n"), NULL, "install rpi-eeprom" },
                { SAID(PI4, "version \nconfig\n"), NULL, "may this user" },
                { SAID(PI4, ""), NULL, "its shell" },
                { "This account is not available.\n", NULL, "its shell" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct adopt_board b = {};
                struct error err = {};
                const int r = adopt_read(rows[i].said, &b, &err);
                CLEANUP(free_at) char *config = b.config;
                assert_int_equal(r, rows[i].board ? 0 : -EINVAL);
                if (r < 0) {
                        assert_non_null(strstr(err.text, rows[i].wanted));
                        continue;
                }
                assert_string_equal(b.board->name, rows[i].board);
                assert_string_equal(config, rows[i].wanted);
        }
}

static void its_version(void **state) {
        struct adopt_board b;
        (void)state;

        assert_int_equal(adopt_read(SAID(PI4, "version 2026/05/17 12:00:00\nconfig\nversion 7\n"), &b, NULL),
                         0);
        assert_string_equal(b.version, "2026/05/17 12:00:00");
        free(b.config);
}

static void who_goes_by_a_key_keeps_it(void **state) {
        static const struct {
                const char *config, *refused; /* NULL: it is not */
        } rows[] = {
                { "[all]\nBOOT_ORDER=0xf41\n", NULL },
                { "SIGNED_BOOT=0\nHTTP_HOST=\n", NULL },
                { "SIGNED_BOOT=1\n", "SIGNED_BOOT" },
                { "HTTP_HOST=10.77.0.1\n", "HTTP_HOST" },
                { "HTTP_CACERT_HASH=00\n", "HTTP_CACERT_HASH" },
                { "[pi5]\nSIGNED_BOOT=1\n", NULL },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(free_at) char *config = strdup(rows[i].config);
                const struct adopt_board b = { .board = card_board_find("pi4"), .config = config };
                struct error err = {};
                assert_int_equal(adopt_check(&b, &err), rows[i].refused ? -EINVAL : 0);
                if (rows[i].refused)
                        assert_non_null(strstr(err.text, rows[i].refused));
        }
}

/* Whatever stands in a configuration, a shell sees letters and digits. */
static void nothing_of_a_configuration_is_a_command(void **state) {
        static const char odd[] = "A='$(reboot)'\nBRAMBLE\n`reboot`; rm -rf "
                                  "/\nB=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
        CLEANUP(text_free) struct text out = {};
        (void)state;

        adopt_apply(odd, strlen(odd), &out);
        assert_false(out.failed);
        assert_null(strstr(out.octets, "reboot"));
        const char *begin = strstr(out.octets, "<<'BRAMBLE'\n") + strlen("<<'BRAMBLE'\n"),
                   *end = strstr(begin, "\nBRAMBLE\n");
        assert_non_null(end);
        for (const char *c = begin; c < end; c++)
                assert_non_null(
                        strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n", *c));
}

static void what_is_different(void **state) {
        static const struct {
                const char *before, *after, *wanted;
        } rows[] = {
                { "A=1\nB=2\n", "A=1\nB=3\nC=4\n", "-B=2\n+B=3\n+C=4\n" },
                { "A=1\nB=2", "B=2\n\nA=1\n", "" }, /* in another order */
                { "", "A=1", "+A=1\n" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(text_free) struct text out = {};
                adopt_diff(rows[i].before, rows[i].after, &out);
                assert_string_equal(out.octets ? out.octets : "", rows[i].wanted);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_a_board_says),
                cmocka_unit_test(its_version),
                cmocka_unit_test(who_goes_by_a_key_keeps_it),
                cmocka_unit_test(nothing_of_a_configuration_is_a_command),
                cmocka_unit_test(what_is_different),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
