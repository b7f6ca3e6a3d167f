/* config.txt as firmware reads it: filters, the choice of files, and our lines laid over the image's own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "format/config_txt.h"

/* A tree of files: names, and the texts of those that are included. */
struct tree {
        const char *names[12];
        const char *included[3][2]; /* name, text */
};

static bool tree_exists(void *ctx, const char *path) {
        const struct tree *t = ctx;

        for (size_t i = 0; i < ARRAY_LEN(t->names) && t->names[i]; i++)
                if (strcmp(t->names[i], path) == 0)
                        return true;
        return false;
}

static const char *tree_read(void *ctx, const char *path, size_t *ret_len) {
        const struct tree *t = ctx;

        for (size_t i = 0; i < ARRAY_LEN(t->included) && t->included[i][0]; i++)
                if (strcmp(t->included[i][0], path) == 0) {
                        *ret_len = strlen(t->included[i][1]);
                        return t->included[i][1];
                }
        return NULL;
}

static struct config_txt_tree tree_of(const struct tree *t) {
        return (struct config_txt_tree){ .exists = tree_exists,
                                         .read = tree_read,
                                         .ctx = (void *)(uintptr_t)t };
}

static const char *const dtbs_3b[] = { "bcm2710-rpi-3-b.dtb", NULL };
static const char *const dtbs_3b_up[] = { "bcm2837-rpi-3-b.dtb", NULL };
static const char *const dtbs_4b[] = { "bcm2711-rpi-4-b.dtb", NULL };
static const char *const dtbs_5b[] = { "bcm2712d0-rpi-5-b.dtb", "bcm2712-rpi-5-b.dtb", NULL };
static const struct config_txt_variable known[] = { { "boot_partition", 2 }, { "boot_count", 5 } };

static const struct config_txt_board pi3b = { CONFIG_TXT_ROM, 0x08,       false, 0, false,
                                              dtbs_3b,        dtbs_3b_up, NULL,  0 };
static const struct config_txt_board pi3bplus = {
        CONFIG_TXT_ROM, 0x0d, false, 0, false, NULL, NULL, NULL, 0
};
static const struct config_txt_board pi4b = { CONFIG_TXT_2711, 0x11, true,  0xa1b2c3d4, false,
                                              dtbs_4b,         NULL, known, 2 };
static const struct config_txt_board pi400 = { CONFIG_TXT_2711, 0x13, false, 0, false, NULL, NULL, NULL, 0 };
static const struct config_txt_board cm4 = { CONFIG_TXT_2711, 0x14, false, 0, true, NULL, NULL, NULL, 0 };
static const struct config_txt_board some_2711 = {
        CONFIG_TXT_2711, CONFIG_TXT_TYPE_UNKNOWN, false, 0, false, NULL, NULL, NULL, 0
};
static const struct config_txt_board pi5 = { CONFIG_TXT_2712, 0x17, false, 0, false, dtbs_5b, NULL, NULL, 0 };
static const struct config_txt_board cm5 = { CONFIG_TXT_2712, 0x18, false, 0, false, NULL, NULL, NULL, 0 };

/* The line "x=1" ends each text: what do the filters above it say? */
static const struct {
        const char *text;
        const struct config_txt_board *board;
        enum config_txt_match match;
        const char *remark;
} filters[] = {
        { "", &pi4b, CONFIG_TXT_YES, "no filter" },
        { "[pi4]\n", &pi4b, CONFIG_TXT_YES, "its own" },
        { "[pi5]\n", &pi4b, CONFIG_TXT_NO, "another's" },
        { "[PI4]\r\n", &pi4b, CONFIG_TXT_YES, "case, CRLF" },
        { "[pi4] # boards\n", &pi4b, CONFIG_TXT_YES, "a remark behind it" },
        { "[pi4]\n", &pi400, CONFIG_TXT_YES, "a 400 is a 4" },
        { "[pi4]\n", &cm4, CONFIG_TXT_YES, "so is a CM4" },
        { "[pi400]\n", &pi4b, CONFIG_TXT_NO, "but a 4B is no 400" },
        { "[cm4]\n", &pi400, CONFIG_TXT_NO, "nor a 400 a CM4" },
        { "[pi5]\n", &cm5, CONFIG_TXT_YES, "a CM5 is a 5" },
        { "[cm5]\n", &pi5, CONFIG_TXT_NO, "not the other way" },
        { "[pi3]\n", &pi3bplus, CONFIG_TXT_YES, "a 3B+ is a 3" },
        { "[pi3+]\n", &pi3bplus, CONFIG_TXT_YES, "and a 3+" },
        { "[pi3+]\n", &pi3b, CONFIG_TXT_NO, "a 3B is not" },
        { "[cm0]\n", &pi3b, CONFIG_TXT_NO, "a board without a network" },
        { "[pi4]\n", &some_2711, CONFIG_TXT_YES, "all of the family are" },
        { "[cm4]\n", &some_2711, CONFIG_TXT_MAYBE, "one of the family may be" },
        { "[pi5]\n", &some_2711, CONFIG_TXT_NO, "none of the family is" },
        { "[board-type=0x14]\n", &cm4, CONFIG_TXT_YES, "by number" },
        { "[board-type=0x14]\n", &pi4b, CONFIG_TXT_NO, "another number" },
        { "[board-type=0x14]\n", &some_2711, CONFIG_TXT_MAYBE, "a number of the family" },
        { "[board-type=0x17]\n", &some_2711, CONFIG_TXT_NO, "a number of another family" },
        { "[0xa1b2c3d4]\n", &pi4b, CONFIG_TXT_YES, "its serial" },
        { "[0x10000000A1B2C3D4]\n", &pi4b, CONFIG_TXT_YES, "written in full: the low 32 bits count" },
        { "[0xa1b2c3d5]\n", &pi4b, CONFIG_TXT_NO, "another's serial" },
        { "[0xa1b2c3d4]\n", &pi5, CONFIG_TXT_MAYBE, "the serial is not known" },
        { "[pi5]\n[pi4]\n", &pi4b, CONFIG_TXT_YES, "same type replaces" },
        { "[pi4]\n[0xa1b2c3d5]\n", &pi4b, CONFIG_TXT_NO, "different types: both must hold" },
        { "[0xa1b2c3d5]\n[pi4]\n", &pi4b, CONFIG_TXT_NO, "in any order" },
        { "[0xa1b2c3d5]\n[all]\n[pi4]\n", &pi4b, CONFIG_TXT_YES, "[all] forgets" },
        { "[none]\n[pi4]\n", &pi4b, CONFIG_TXT_NO, "[none] stays" },
        { "[none]\n[all]\n", &pi4b, CONFIG_TXT_YES, "until [all]" },
        { "[tryboot]\n", &pi4b, CONFIG_TXT_NO, "not a trial" },
        { "[tryboot]\n", &cm4, CONFIG_TXT_YES, "a trial" },
        { "[gpio4=1]\n", &pi4b, CONFIG_TXT_MAYBE, "only the board knows" },
        { "[EDID=VSC-TD2220]\n", &pi4b, CONFIG_TXT_MAYBE, "likewise" },
        { "[HDMI:1]\n", &pi4b, CONFIG_TXT_MAYBE, "likewise" },
        { "[gpio4=1]\n[pi5]\n", &pi4b, CONFIG_TXT_NO, "no is stronger than maybe" },
        { "[boot_partition=2]\n", &pi4b, CONFIG_TXT_YES, "expression" },
        { "[boot_partition=1]\n", &pi4b, CONFIG_TXT_NO, "expression" },
        { "[boot_count>4]\n", &pi4b, CONFIG_TXT_YES, "more than" },
        { "[boot_count>5]\n", &pi4b, CONFIG_TXT_NO, "not more than itself" },
        { "[boot_count<6]\n", &pi4b, CONFIG_TXT_YES, "less than" },
        { "[boot_count&4]\n", &pi4b, CONFIG_TXT_YES, "5 & 4" },
        { "[boot_count&2]\n", &pi4b, CONFIG_TXT_NO, "5 & 2" },
        { "[boot_count&0x7=5]\n", &pi4b, CONFIG_TXT_YES, "5 & 7 is 5" },
        { "[boot_count&0x7=4]\n", &pi4b, CONFIG_TXT_NO, "but not 4" },
        { "[boot_count>x]\n", &pi4b, CONFIG_TXT_MAYBE, "no number" },
        { "[boot_count&]\n", &pi4b, CONFIG_TXT_MAYBE, "no mask" },
        { "[bootvar0=1]\n", &pi4b, CONFIG_TXT_MAYBE, "a variable whose value is not known" },
        { "[pi9]\n", &pi4b, CONFIG_TXT_MAYBE, "a board that is not known" },
        { "[]\n", &pi4b, CONFIG_TXT_YES, "nothing" },
        { "[pi5\n", &pi4b, CONFIG_TXT_YES, "not closed: no filter" },
        { "#[pi5]\n", &pi4b, CONFIG_TXT_YES, "a comment" },
        { "\xef\xbb\xbf[pi5]\n", &pi4b, CONFIG_TXT_NO, "byte order mark before it" },
};

static int take_last(void *ctx, const struct config_txt_line *line) {
        *(struct config_txt_line *)ctx = *line;
        return 0;
}

static void test_filters(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
                struct config_txt_line line = { 0 };
                char text[256];
                int n = snprintf(text, sizeof(text), "%sx=1", filters[i].text);

                assert_int_equal(config_txt_each(text, (size_t)n, filters[i].board, NULL, take_last, &line),
                                 0);
                if (line.match != filters[i].match)
                        fail_msg("row %zu (%s): match is %d", i, filters[i].remark, line.match);
        }
}

static const struct {
        const char *text;
        enum config_txt_kind kind;
        const char *key, *value;
        bool is_long;
} lines[] = {
        { "", CONFIG_TXT_BLANK, "", "", false },
        { " \t\r", CONFIG_TXT_BLANK, "", "", false },
        { "# kernel=x", CONFIG_TXT_COMMENT, "", "", false },
        { "kernel=vmlinuz", CONFIG_TXT_SETTING, "kernel", "vmlinuz", false },
        { "  kernel = vmlinuz \r", CONFIG_TXT_SETTING, "kernel", "vmlinuz", false },
        { "dtparam=audio=on", CONFIG_TXT_SETTING, "dtparam", "audio=on", false },
        { "hdmi_group:1=2", CONFIG_TXT_SETTING, "hdmi_group:1", "2", false },
        { "device_tree=", CONFIG_TXT_SETTING, "device_tree", "", false },
        { "initramfs initrd.img followkernel", CONFIG_TXT_DIRECTIVE, "initramfs", "initrd.img followkernel",
          false },
        { "include usercfg.txt", CONFIG_TXT_DIRECTIVE, "include", "usercfg.txt", false },
        { "overscan", CONFIG_TXT_DIRECTIVE, "overscan", "", false },
        { "=x", CONFIG_TXT_SETTING, "", "x", false },
        { "[ pi4 ]", CONFIG_TXT_FILTER, "pi4", "", false },
        { "dtoverlay="
          "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678",
          CONFIG_TXT_SETTING, "dtoverlay",
          "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678", false },
        { "dtoverlay="
          "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
          CONFIG_TXT_SETTING, "dtoverlay",
          "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789", true },
};

static void test_lines(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
                struct config_txt_line line = { 0 };
                char text[256];
                int n = snprintf(text, sizeof(text), "%s\n", lines[i].text);

                assert_int_equal(config_txt_each(text, (size_t)n, &pi4b, NULL, take_last, &line), 0);
                assert_int_equal(line.kind, lines[i].kind);
                assert_true(config_txt_key_is(&line, lines[i].key));
                assert_int_equal(line.value_len, strlen(lines[i].value));
                assert_memory_equal(line.value, lines[i].value, line.value_len);
                assert_int_equal(line.is_long, lines[i].is_long);
        }
}

struct expected {
        const char *kernel, *dtb, *initramfs, *cmdline, *overlay_prefix, *start_file, *fixup_file;
        bool has_kernel, has_dtb, arm_64bit;
};

static const struct choice {
        const char *remark;
        const struct config_txt_board *board;
        const char *text;
        struct tree tree;
        struct expected want;
} choices[] = {
        { "Pi 4 without a word",
          &pi4b,
          "",
          { { "kernel8.img", "kernel7l.img", "bcm2711-rpi-4-b.dtb" }, { { NULL } } },
          { "kernel8.img", "bcm2711-rpi-4-b.dtb", "", "cmdline.txt", "overlays/", "start4.elf", "fixup4.dat",
            true, true, true } },
        { "Pi 4, 32 bits",
          &pi4b,
          "arm_64bit=0\n",
          { { "kernel8.img", "kernel7l.img", "bcm2711-rpi-4-b.dtb" }, { { NULL } } },
          { "kernel7l.img", "bcm2711-rpi-4-b.dtb", "", "cmdline.txt", "overlays/", "start4.elf", "fixup4.dat",
            true, true, false } },
        { "Pi 4, only the 32-bit kernel is there",
          &pi4b,
          "gpu_mem=16\n",
          { { "kernel7l.img" }, { { NULL } } },
          { "kernel7l.img", "bcm2711-rpi-4-b.dtb", "", "cmdline.txt", "overlays/", "start4cd.elf",
            "fixup4cd.dat", true, false, false } },
        { "Pi 3 takes kernel7.img",
          &pi3b,
          "start_x=1\n",
          { { "kernel8.img", "kernel7.img", "kernel.img", "bcm2710-rpi-3-b.dtb" }, { { NULL } } },
          { "kernel7.img", "bcm2710-rpi-3-b.dtb", "", "cmdline.txt", "overlays/", "start_x.elf",
            "fixup_x.dat", true, true, false } },
        { "Pi 3, 64 bits, automatic initramfs",
          &pi3b,
          "arm_64bit=1\nauto_initramfs=1\n",
          { { "kernel8.img", "kernel7.img", "initramfs8", "initramfs7", "bcm2710-rpi-3-b.dtb" },
            { { NULL } } },
          { "kernel8.img", "bcm2710-rpi-3-b.dtb", "initramfs8", "cmdline.txt", "overlays/", "start.elf",
            "fixup.dat", true, true, true } },
        { "Pi 5: its own kernel before kernel8.img, the D0 tree before the other",
          &pi5,
          "auto_initramfs=1\n",
          { { "kernel8.img", "kernel_2712.img", "initramfs_2712", "bcm2712-rpi-5-b.dtb",
              "bcm2712d0-rpi-5-b.dtb" },
            { { NULL } } },
          { "kernel_2712.img", "bcm2712d0-rpi-5-b.dtb", "initramfs_2712", "cmdline.txt", "overlays/", "", "",
            true, true, true } },
        { "Pi 5 without its own kernel; no initramfs8 is there",
          &pi5,
          "auto_initramfs=1\narm_64bit=0\n",
          { { "kernel8.img", "bcm2712-rpi-5-b.dtb" }, { { NULL } } },
          { "kernel8.img", "bcm2712-rpi-5-b.dtb", "", "cmdline.txt", "overlays/", "", "", true, true,
            true } },
        { "Ubuntu server: names for all, then [pi4] lines",
          &pi4b,
          "[all]\nkernel=vmlinuz\ncmdline=cmdline.txt\ninitramfs initrd.img "
          "followkernel\n\n[pi4]\nmax_framebuffers=2\n"
          "arm_boost=1\n\n[pi5]\nkernel=other\n[all]\ndtparam=audio=on\narm_64bit=1\n",
          { { "vmlinuz", "initrd.img", "bcm2711-rpi-4-b.dtb" }, { { NULL } } },
          { "vmlinuz", "bcm2711-rpi-4-b.dtb", "initrd.img", "cmdline.txt", "overlays/", "start4.elf",
            "fixup4.dat", true, true, true } },
        { "Ubuntu with current/: the prefix goes before kernel, tree, initrd, command line",
          &pi4b,
          "[all]\narm_64bit=1\nkernel=vmlinuz\ncmdline=cmdline.txt\ninitramfs initrd.img "
          "followkernel\nos_prefix=current/\n",
          { { "current/vmlinuz", "current/bcm2711-rpi-4-b.dtb", "current/overlays/README" }, { { NULL } } },
          { "current/vmlinuz", "current/bcm2711-rpi-4-b.dtb", "current/initrd.img", "current/cmdline.txt",
            "current/overlays/", "start4.elf", "fixup4.dat", true, true, true } },
        { "overlays without README are shared",
          &pi4b,
          "kernel=vmlinuz\nos_prefix=current/\noverlay_prefix=o-\n",
          { { "current/vmlinuz", "current/bcm2711-rpi-4-b.dtb" }, { { NULL } } },
          { "current/vmlinuz", "current/bcm2711-rpi-4-b.dtb", "", "current/cmdline.txt", "o-", "start4.elf",
            "fixup4.dat", true, true, true } },
        { "a prefix without the device tree is ignored",
          &pi4b,
          "kernel=vmlinuz\nos_prefix=current/\ninitramfs a,b followkernel\n",
          { { "current/vmlinuz", "vmlinuz", "bcm2711-rpi-4-b.dtb" }, { { NULL } } },
          { "vmlinuz", "bcm2711-rpi-4-b.dtb", "a+b", "cmdline.txt", "overlays/", "start4.elf", "fixup4.dat",
            true, true, true } },
        { "an absolute name passes by the prefix",
          &pi4b,
          "kernel=/vmlinuz\nos_prefix=new/\ninitramfs /i followkernel\ncmdline=/c.txt\n",
          { { "vmlinuz", "new/bcm2711-rpi-4-b.dtb" }, { { NULL } } },
          { "vmlinuz", "new/bcm2711-rpi-4-b.dtb", "i", "c.txt", "overlays/", "start4.elf", "fixup4.dat", true,
            true, true } },
        { "a prefix may be the begin of a name",
          &pi4b,
          "os_prefix=test-\nauto_initramfs=1\n",
          { { "test-kernel8.img", "test-bcm2711-rpi-4-b.dtb" }, { { NULL } } },
          { "test-kernel8.img", "test-bcm2711-rpi-4-b.dtb", "", "test-cmdline.txt", "overlays/", "start4.elf",
            "fixup4.dat", true, true, true } },
        { "automatic initramfs below a prefix",
          &pi4b,
          "os_prefix=new/\nauto_initramfs=1\n",
          { { "new/kernel8.img", "new/bcm2711-rpi-4-b.dtb", "new/initramfs8" }, { { NULL } } },
          { "new/kernel8.img", "new/bcm2711-rpi-4-b.dtb", "new/initramfs8", "new/cmdline.txt", "overlays/",
            "start4.elf", "fixup4.dat", true, true, true } },
        { "upstream names first, and upstream/ as prefix",
          &pi3b,
          "upstream_kernel=1\n",
          { { "upstream/kernel7.img", "upstream/bcm2837-rpi-3-b.dtb", "kernel7.img" }, { { NULL } } },
          { "upstream/kernel7.img", "upstream/bcm2837-rpi-3-b.dtb", "", "upstream/cmdline.txt", "overlays/",
            "start.elf", "fixup.dat", true, true, false } },
        { "includes stand where they are named; their filters stay",
          &pi4b,
          "include a.txt\nkernel=lost\n[all]\ncmdline=mine.txt\n",
          { { "k" },
            { { "a.txt", "kernel=k\ninclude b.txt\n" },
              { "b.txt", "cmdline=b.txt\nstart_file=no.elf\n[pi5]\n" } } },
          { "k", "bcm2711-rpi-4-b.dtb", "", "mine.txt", "overlays/", "start4.elf", "fixup4.dat", true, false,
            true } },
        { "an include that does not apply, one that is not there",
          &pi4b,
          "[pi5]\ninclude a.txt\n[all]\ninclude c.txt\n",
          { { "kernel8.img" }, { { "a.txt", "kernel=k\n" } } },
          { "kernel8.img", "bcm2711-rpi-4-b.dtb", "", "cmdline.txt", "overlays/", "start4.elf", "fixup4.dat",
            true, false, true } },
        { "no device tree; ramfsfile; firmware by name",
          &pi4b,
          "device_tree=\nramfsfile=r\nstart_file=s.elf\nfixup_file=f.dat\nos_prefix=p/\nkernel=k\n",
          { { "p/k" }, { { NULL } } },
          { "p/k", "", "p/r", "p/cmdline.txt", "overlays/", "s.elf", "f.dat", true, false, true } },
        { "nothing is there: the first candidate is named",
          &pi4b,
          "initramfs=x\n",
          { { NULL }, { { NULL } } },
          { "kernel8.img", "bcm2711-rpi-4-b.dtb", "", "cmdline.txt", "overlays/", "start4.elf", "fixup4.dat",
            false, false, true } },
};

static void join_initramfs(const struct config_txt_choice *c, char *buf, size_t size) {
        size_t at = 0;

        *buf = '\0';
        for (size_t i = 0; i < c->n_initramfs && at < size; i++)
                at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? "+" : "", c->initramfs[i]);
}

static void test_choices(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
                const struct choice *row = &choices[i];
                struct config_txt_tree tree = tree_of(&row->tree);
                struct config_txt_choice got;
                char initramfs[1024];

                print_message("%s\n", row->remark);
                assert_int_equal(config_txt_choose(row->text, strlen(row->text), row->board, &tree, &got), 0);
                join_initramfs(&got, initramfs, sizeof(initramfs));
                assert_string_equal(got.kernel, row->want.kernel);
                assert_string_equal(got.dtb, row->want.dtb);
                assert_string_equal(initramfs, row->want.initramfs);
                assert_string_equal(got.cmdline, row->want.cmdline);
                assert_string_equal(got.overlay_prefix, row->want.overlay_prefix);
                assert_string_equal(got.start_file, row->want.start_file);
                assert_string_equal(got.fixup_file, row->want.fixup_file);
                assert_int_equal(got.has_kernel, row->want.has_kernel);
                assert_int_equal(got.has_dtb, row->want.has_dtb);
                assert_int_equal(got.arm_64bit, row->want.arm_64bit);
        }
}

static void test_bounds(void **state) {
        static const struct tree loop = { { NULL }, { { "a.txt", "include a.txt\n" } } };
        static const struct tree wide = { { NULL }, { { "a.txt", "x=1\n" } } };
        struct config_txt_tree loop_tree = tree_of(&loop), wide_tree = tree_of(&wide);
        struct config_txt_choice choice;
        char text[CONFIG_TXT_LINES_MAX + 1024];

        (void)state;
        assert_int_equal(config_txt_choose("include a.txt", 13, &pi4b, &loop_tree, &choice), -ELOOP);

        size_t len = 0;
        for (int i = 0; i <= CONFIG_TXT_INCLUDES_MAX; i++)
                len += (size_t)snprintf(text + len, sizeof(text) - len, "include a.txt\n");
        assert_int_equal(config_txt_choose(text, len, &pi4b, &wide_tree, &choice), -ELOOP);

        memset(text, '\n', sizeof(text));
        assert_int_equal(config_txt_choose(text, CONFIG_TXT_LINES_MAX, &pi4b, &wide_tree, &choice), 0);
        assert_int_equal(config_txt_choose(text, CONFIG_TXT_LINES_MAX + 1, &pi4b, &wide_tree, &choice),
                         -E2BIG);

        memset(text, 'k', sizeof(text));
        memcpy(text, "kernel=", 7);
        assert_int_equal(config_txt_choose(text, 7 + CONFIG_TXT_PATH_MAX, &pi4b, &wide_tree, &choice), 0);
        assert_int_equal(choice.n_long_lines, 1);
        assert_int_equal(config_txt_choose(text, 8 + CONFIG_TXT_PATH_MAX, &pi4b, &wide_tree, &choice),
                         -ENAMETOOLONG);
}

static const char ours[] = "kernel=k\ninitramfs i followkernel\n";

static void test_compose_keeps_the_base(void **state) {
        static const char base[] = "# mine\r\n[pi5]\r\ndtparam=fan_temp0=50000\r\n";
        char buf[CONFIG_TXT_SIZE_MAX];
        size_t len;

        (void)state;
        assert_int_equal(
                config_txt_compose(base, sizeof(base) - 1, &pi4b, NULL, ours, buf, sizeof(buf), &len), 0);
        static const char want[] =
                "# mine\r\n[pi5]\r\ndtparam=fan_temp0=50000\r\n[all]\nkernel=k\ninitramfs i followkernel\n";
        assert_int_equal(len, sizeof(want) - 1);
        assert_memory_equal(buf, want, len);

        assert_int_equal(config_txt_compose("a=1", 3, &pi4b, NULL, "b=2\n", buf, sizeof(buf), &len), 0);
        assert_int_equal(len, 14);
        assert_memory_equal(buf, "a=1\n[all]\nb=2\n", len);

        /* With nothing of ours it is the operator's, octet for octet; but never a file of none. */
        assert_int_equal(config_txt_compose("[pi4]\na=1", 9, &pi4b, NULL, "", buf, sizeof(buf), &len), 0);
        assert_int_equal(len, 9);
        assert_memory_equal(buf, "[pi4]\na=1", len);
        assert_int_equal(config_txt_compose("", 0, &pi4b, NULL, "", buf, sizeof(buf), &len), 0);
        assert_int_equal(len, 6);
}

/* Composes @text repeated by comments so that it does not fit whole, and compares what is left. */
static void expect_short(const char *text, const char *filler, size_t n_filler,
                         const struct config_txt_tree *tree, const char *want) {
        static char base[1 << 16];
        char buf[CONFIG_TXT_SIZE_MAX];
        size_t len = 0, got;

        len += (size_t)snprintf(base, sizeof(base), "%s", text);
        for (size_t i = 0; i < n_filler; i++)
                len += (size_t)snprintf(base + len, sizeof(base) - len, "%s", filler);
        assert_true(len < sizeof(base));
        int r = config_txt_compose(base, len, &pi4b, tree, "k=1\n", buf, sizeof(buf), &got);
        if (!want) {
                assert_int_equal(r, -E2BIG);
                return;
        }
        assert_int_equal(r, 0);
        assert_int_equal(got, strlen(want));
        assert_memory_equal(buf, want, got);
}

static void test_compose_shortens(void **state) {
        static const char comment[] = "# a remark of some length\n\n",
                          never[] = "dtoverlay=vc4-kms-v3d-pi5\n";
        static const struct tree files = { { NULL }, { { "a.txt", "[pi5]\n" } } };
        struct config_txt_tree tree = tree_of(&files);

        (void)state;
        expect_short("[pi4]\r\na=1\r\n[pi5]\nb=2\n", comment, 200, NULL,
                     "[pi4]\na=1\n[pi5]\nb=2\n[all]\nk=1\n");
        expect_short("[pi4]\na=1\n[gpio4=1]\nc=3\n[pi5]\nb=2\n", never, 200, NULL,
                     "a=1\n[all]\n[gpio4=1]\nc=3\n[all]\nk=1\n");
        expect_short("[gpio4=1]\nc=3\n[all]\nd=4\n[none]\n", never, 200, NULL,
                     "[all]\n[gpio4=1]\nc=3\n[all]\nd=4\n[all]\nk=1\n");
        expect_short("include a.txt\nb=2\n[all]\nc=3\n[pi5]\n", never, 200, &tree,
                     "include a.txt\n[all]\nc=3\n[all]\nk=1\n");
        expect_short("[gpio4=1]\ninclude a.txt\n[pi5]\n", never, 200, &tree, NULL);
        expect_short("a=1\n", "dtoverlay=ours\n", 300, NULL, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_filters),
                cmocka_unit_test(test_lines),
                cmocka_unit_test(test_choices),
                cmocka_unit_test(test_bounds),
                cmocka_unit_test(test_compose_keeps_the_base),
                cmocka_unit_test(test_compose_shortens),
        };
        return cmocka_run_group_tests_name("config_txt", tests, NULL, NULL);
}
