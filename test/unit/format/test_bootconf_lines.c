/* Settings laid over a configuration, and configurations compared. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/bootconf_lines.h"

static const struct config_txt_board pi4 = { .family = CONFIG_TXT_2711, .type = 0x11 };

static void only_what_does_not_count_already_moves(void **state) {
        static const struct {
                const char *own, *over, *wanted;
        } rows[] = {
                { "", "A=1\n", "A=1\n" },
                { "A=1\nB=2\n", "A=1\n", "A=1\nB=2\n" }, /* it says so: nothing changes */
                { "A=1\nB=2\n", "A=3\n", "B=2\nA=3\n" },
                { "A=1\nA=3\n", "A=1\n", "A=1\n" }, /* the last one counts */
                { "A=3\nA=1\n", "A=1\n", "A=3\nA=1\n" },
                { "[pi5]\nA=1\n", "A=1\n", "[pi5]\nA=1\n[all]\nA=1\n" },
                { "[pi4]\nA=1\n", "A=1\n", "[pi4]\nA=1\n" },
                { "A=1\n[gpio4=1]\nA=2\n", "A=1\n", "[gpio4=1]\nA=2\n[all]\nA=1\n" }, /* it may be so */
                { "# mine\nA=1", "A=\n", "# mine\nA=\n" },
                { "A=1\n", "# two of them\n\nB=1\r\nB=2  \nC=0", "A=1\nB=2\nC=0\n" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(text_free) struct text out = {};
                struct bootconf_lines lines = {};
                struct bootconf_line bad;

                assert_int_equal(bootconf_lines_add_text(&lines, rows[i].over, &bad), BOOTCONF_LINE_GOOD);
                assert_int_equal(bootconf_lay_over(&lines, rows[i].own, strlen(rows[i].own), &pi4, &out), 0);
                assert_string_equal(out.octets, rows[i].wanted);
        }
}

static void what_is_no_setting(void **state) {
        static const struct {
                const char *text, *bad;
                enum bootconf_line_fault fault;
        } rows[] = {
                { "A=1\nBOOT_ORDER\n", "BOOT_ORDER", BOOTCONF_LINE_NO_SETTING },
                { "=1", "=1", BOOTCONF_LINE_NO_SETTING },
                { "[pi4]\nA=1\n", "[pi4]", BOOTCONF_LINE_NO_SETTING }, /* boards and tags say whose it is */
                { "A=1 2", "A=1 2", BOOTCONF_LINE_SPACED },
                { "boot_order=1", "boot_order=1", BOOTCONF_LINE_NO_KEY },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct bootconf_lines lines = {};
                struct bootconf_line bad = {};
                assert_int_equal(bootconf_lines_add_text(&lines, rows[i].text, &bad), rows[i].fault);
                assert_int_equal(bad.len, strlen(rows[i].bad));
                assert_memory_equal(bad.text, rows[i].bad, bad.len);
        }
}

static void too_much_is_refused(void **state) {
        struct bootconf_lines lines = {};
        CLEANUP(text_free) struct text own = {};
        CLEANUP(text_free) struct text out = {};
        struct bootconf_line bad;
        (void)state;

        while (own.len < 4070)
                text_append(&own, "KEY=1\n");
        assert_int_equal(bootconf_lines_add_text(&lines, "LONG_KEY=1\n", &bad), BOOTCONF_LINE_GOOD);
        assert_int_equal(bootconf_lay_over(&lines, own.octets, own.len, &pi4, &out), -E2BIG);
}

static void tell(void *ctx, char sign, const char *line, size_t len) {
        text_printf(ctx, "%c%.*s ", sign, (int)len, line);
}

static void what_bootloaders_read_is_compared(void **state) {
        static const struct {
                const char *a, *b, *changes;
                bool is_same;
        } rows[] = {
                { "[all]\nA=1\n", "A=1", "", true },
                { "# made by hand\r\nA=1\r\n\r\n", "A=1\n", "", true },
                { "A=1\nB=2\n", "B=2\nA=1\n", "", false }, /* no line goes or comes, and yet */
                { "A=1\n", "A=2\n", "-A=1 +A=2 ", false },
                { "A=1\n", "[pi5]\nA=1\n", "+[pi5] ", false },
                { "", "", "", true },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(text_free) struct text changes = {};
                text_append(&changes, "");
                bootconf_each_change(rows[i].a, rows[i].b, tell, &changes);
                assert_string_equal(changes.octets, rows[i].changes);
                assert_int_equal(bootconf_is_same(rows[i].a, rows[i].b), rows[i].is_same);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(only_what_does_not_count_already_moves),
                cmocka_unit_test(what_is_no_setting),
                cmocka_unit_test(too_much_is_refused),
                cmocka_unit_test(what_bootloaders_read_is_compared),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
