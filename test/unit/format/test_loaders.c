/* What we write for boot loaders, read back as each of them reads it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/extlinux.h"
#include "format/grub_cfg.h"
#include "format/ipxe_script.h"
#include "loader_readers.h"

static const char *const cmdlines[] = {
        "console=ttyS0,115200 root=/dev/nfs nfsroot=10.77.0.1:/srv/a,vers=3 rw ip=dhcp",
        "dyndbg=\"file drivers/usb/* +p\" quiet",
        "password=it's$HOME",
        "a=${serial} b=$(id) c=`id`",
        "back\\slash \\\\two $\\x \\$y \\'z",
        "'''",
        "# not a comment ; && || { } | > < & ! * ? [a]",
        "-- init=/bin/sh",
        "\xc3\xbc=\xc3\xa4",
        "x",
        "",
};

static struct boot_loader_entry entry_of(const char *cmdline) {
        return (struct boot_loader_entry){
                .title = "an image's title; ${x} && more",
                .kernel = "vmlinuz",
                .initrd = "initrd",
                .fdtdir = "dtbs",
                .cmdline = cmdline,
        };
}

static void uboot_reads_the_line_unchanged(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cmdlines); i++) {
                CLEANUP(text_free) struct text out = {};
                char value[READER_TEXT_MAX], line[READER_TEXT_MAX];
                struct boot_loader_entry entry = entry_of(cmdlines[i]);

                assert_int_equal(extlinux_write(&entry, EXTLINUX_UBOOT, &out), 0);
                assert_string_equal(extlinux_read_value(out.octets, "kernel", value), "vmlinuz");
                assert_string_equal(extlinux_read_value(out.octets, "initrd", value), "initrd");
                assert_string_equal(extlinux_read_value(out.octets, "fdtdir", value), "dtbs");
                if (!extlinux_read_value(out.octets, "append", value))
                        value[0] = 0;
                assert_string_equal(uboot_read_append(value, line), cmdlines[i]);
        }
}

static void pxelinux_reads_the_line_unchanged(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(cmdlines); i++) {
                CLEANUP(text_free) struct text out = {};
                char value[READER_TEXT_MAX];
                struct boot_loader_entry entry = entry_of(cmdlines[i]);

                assert_int_equal(extlinux_write(&entry, EXTLINUX_SYSLINUX, &out), 0);
                if (!extlinux_read_value(out.octets, "append", value))
                        value[0] = 0;
                assert_string_equal(value, cmdlines[i]);
        }
}

static void grub_reads_the_same_words(void **state) {
        (void)state;
        static const struct {
                const char *cmdline;
                const char *words[8];
        } rows[] = {
                { "console=ttyS0 ro", { "console=ttyS0", "ro" } },
                { "dyndbg=\"file a +p\" quiet",
                  { "dyndbg=file a +p", "quiet" } }, /* GRUB quotes it again itself */
                { "password=it's$HOME", { "password=it's$HOME" } },
                { "a=${x} b=$(id) c=`id` ; &&", { "a=${x}", "b=$(id)", "c=`id`", ";", "&&" } },
                { "back\\slash", { "back\\slash" } },
                { "'''", { "'''" } },
                { "", {} },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(text_free) struct text out = {};
                char line[READER_TEXT_MAX];
                struct reader_words words;
                struct boot_loader_entry entry = entry_of(rows[i].cmdline);

                assert_int_equal(grub_cfg_write(&entry, &out), 0);
                assert_non_null(line_of(out.octets, "linux", line));
                grub_read_words(line, &words);
                assert_string_equal(words.words[1], "vmlinuz");
                size_t n = 0;
                for (; n < ARRAY_LEN(rows[i].words) && rows[i].words[n]; n++)
                        assert_string_equal(words.words[2 + n], rows[i].words[n]);
                assert_int_equal(words.n, 2 + n);
        }
}

static void grub_finds_the_loader_of_a_disk(void **state) {
        (void)state;
        static const char *const loaders[] = { "/EFI/debian/shimx64.efi", "/EFI/BOOT/BOOTX64.EFI", NULL };
        static const char *const not_plain[] = { "/EFI/two words", NULL };
        CLEANUP(text_free) struct text out = {}, none = {};
        char line[READER_TEXT_MAX];
        struct reader_words words;

        assert_int_equal(grub_cfg_write_local(loaders, &out), 0);
        assert_non_null(line_of(out.octets, "for", line));
        grub_read_words(line, &words);
        assert_string_equal(words.words[3], loaders[0]);
        assert_memory_equal(words.words[4], loaders[1], strlen(loaders[1])); /* and what ends the list */
        assert_int_equal(grub_cfg_write_local(not_plain, &none), -EINVAL);
}

static void ipxe_reads_the_same_words(void **state) {
        (void)state;
        CLEANUP(text_free) struct text out = {};
        char line[READER_TEXT_MAX];
        struct reader_words words;
        struct boot_loader_entry entry = entry_of(cmdlines[0]);

        entry.kernel = "http://10.77.0.1:5248/b/-/vmlinuz";
        assert_int_equal(ipxe_script_write(&entry, &out), 0);
        assert_memory_equal(out.octets, "#!ipxe\n", 7);
        ipxe_read_words(line_of(out.octets, "kernel", line), &words);
        assert_int_equal(words.n, 3 + 5);
        assert_string_equal(words.words[1], entry.kernel);
        assert_string_equal(words.words[2], "initrd=initrd");
        assert_string_equal(words.words[4], "root=/dev/nfs");
        ipxe_read_words(line_of(out.octets, "echo", line), &words);
        assert_int_equal(words.n, 5); /* the title without what iPXE would take for its own */
}

static void ipxe_cannot_say_everything(void **state) {
        (void)state;
        static const char *const unsayable[] = { "a=${x}", "a && b", "a || b", "a ; b", "#a", "a #b" };
        static const char *const sayable[] = { "a=b&&c", "a#b", "$x", "{x}", "a;b", "" };

        for (size_t i = 0; i < ARRAY_LEN(unsayable); i++) {
                CLEANUP(text_free) struct text out = {};
                struct boot_loader_entry entry = entry_of(unsayable[i]);
                assert_false(ipxe_script_can_say(unsayable[i]));
                assert_int_equal(ipxe_script_write(&entry, &out), -EINVAL);
        }
        for (size_t i = 0; i < ARRAY_LEN(sayable); i++)
                assert_true(ipxe_script_can_say(sayable[i]));
}

static void refuses_paths_that_no_language_can_say(void **state) {
        (void)state;
        static const char *const paths[] = { "",    "a b", "a\nb", "#a",   "-a",
                                             "a$b", "a'b", "a\"b", "a\\b", "\x7f" };

        for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
                CLEANUP(text_free) struct text out = {};
                struct boot_loader_entry entry = entry_of("");
                entry.initrd = paths[i];
                assert_int_equal(extlinux_write(&entry, EXTLINUX_UBOOT, &out), -EINVAL);
                assert_int_equal(grub_cfg_write(&entry, &out), -EINVAL);
                assert_int_equal(ipxe_script_write(&entry, &out), -EINVAL);
                assert_int_equal(out.len, 0);
        }
        assert_true(boot_entry_is_plain("dtbs/broadcom/bcm2711-rpi-4-b.dtb"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(uboot_reads_the_line_unchanged),
                cmocka_unit_test(pxelinux_reads_the_line_unchanged),
                cmocka_unit_test(grub_reads_the_same_words),
                cmocka_unit_test(grub_finds_the_loader_of_a_disk),
                cmocka_unit_test(ipxe_reads_the_same_words),
                cmocka_unit_test(ipxe_cannot_say_everything),
                cmocka_unit_test(refuses_paths_that_no_language_can_say),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
