/* config.txt as boards read it: filters, values, and what stands there that is no value. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-sim/config.h"
#include "base/cleanup.h"

static const struct config_board pi4 = { .filters = { "pi4" }, .serial = 0xa1b2c3d4, .revision = 0xc03112 };

static struct config read_text(const char *text) {
        struct config c;
        config_defaults(&c, true);
        config_read(&c, &pi4, text, strlen(text));
        return c;
}

static void filters_choose_lines(void **state) {
        static const struct {
                const char *text;
                const char *kernel; /* that is in force after it */
        } rows[] = {
                { "kernel=a", "a" },
                { "[pi4]\nkernel=a", "a" },
                { "[pi5]\nkernel=a", "" },
                { "[PI4]\nkernel=a", "a" },
                { "[pi5]\n[pi4]\nkernel=a", "a" }, /* the same kind replaces */
                { "[pi4]\n[0xa1b2c3d4]\nkernel=a", "a" },
                { "[pi4]\n[0x00000001]\nkernel=a", "" }, /* different kinds must all hold */
                { "[0x00000001]\n[pi4]\nkernel=a", "" },
                { "[0x00000001]\n[all]\nkernel=a", "a" }, /* all of them are reset */
                { "[none]\nkernel=a", "" },
                { "[none]\n[pi4]\nkernel=a", "" },
                { "[none]\n[all]\nkernel=a", "a" },
                { "[tryboot]\nkernel=a", "" },
                { "[board-type=0x11]\nkernel=a", "a" },
                { "[board-type=0x17]\nkernel=a", "" },
                { "[EDID=VSC-TD2220]\nkernel=a", "" }, /* no screen is connected */
                { "[gpio4=1]\nkernel=a", "" },
                { "[boot_partition=2]\nkernel=a", "" },
                { "kernel=a\n[pi5]\nkernel=b\n[all]\n", "a" },
                { "kernel=a\nkernel=b", "b" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct config c = read_text(rows[i].text);
                if (strcmp(c.kernel, rows[i].kernel) != 0)
                        fail_msg("row %zu: kernel is \"%s\"", i, c.kernel);
        }
}

static void lines_as_people_write_them(void **state) {
        struct config c = read_text("# a comment\r\n"
                                    "kernel=vmlinuz # the usual one\r\n"
                                    "\r\n"
                                    "  initramfs initrd.img followkernel  \r\n"
                                    "arm_64bit=0\n"
                                    "auto_initramfs=1\n"
                                    "cmdline=other.txt\n"
                                    "device_tree=own.dtb\n"
                                    "os_prefix=new/\n"
                                    "dtoverlay=fan,gpio=18\n"
                                    "dtoverlay=\n"
                                    "dtoverlay=i2c-rtc:ds3231\n"
                                    "include extra.txt\n"
                                    "no_such_key=1\n"
                                    "nothing at all\n"
                                    "=\n"
                                    "[\n"
                                    "[]");
        (void)state;

        assert_string_equal(c.kernel, "vmlinuz");
        assert_string_equal(c.initramfs, "initrd.img");
        assert_false(c.arm_64bit);
        assert_true(c.auto_initramfs);
        assert_string_equal(c.cmdline, "other.txt");
        assert_string_equal(c.device_tree, "own.dtb");
        assert_string_equal(c.os_prefix, "new/");
        assert_int_equal(c.n_overlays, 2);
        assert_string_equal(c.overlays[0], "fan");
        assert_string_equal(c.overlays[1], "i2c-rtc");
        assert_string_equal(c.include, "extra.txt");
}

static void what_is_too_long_is_cut(void **state) {
        char text[8192];
        struct config c;
        (void)state;

        memset(text, 'x', sizeof(text));
        memcpy(text, "kernel=", 7);
        config_defaults(&c, true);
        config_read(&c, &pi4, text, sizeof(text));
        assert_int_equal(strlen(c.kernel), CONFIG_VALUE_MAX - 1);

        memset(text, 0, sizeof(text));
        for (int i = 0; i < CONFIG_OVERLAYS_MAX + 3; i++)
                (void)strcat(text, "dtoverlay=a\n");
        config_read(&c, &pi4, text, strlen(text));
        assert_int_equal(c.n_overlays, CONFIG_OVERLAYS_MAX);
}

static void defaults(void **state) {
        struct config c;
        (void)state;

        config_defaults(&c, false);
        assert_string_equal(c.cmdline, "cmdline.txt");
        assert_string_equal(c.overlay_prefix, "overlays/");
        assert_string_equal(c.kernel, "");
        assert_false(c.arm_64bit);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(filters_choose_lines),
                cmocka_unit_test(lines_as_people_write_them),
                cmocka_unit_test(what_is_too_long_is_cut),
                cmocka_unit_test(defaults),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
