/* Small changes to boot texts, before and after. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/deploy/texts.h"
#include "base/cleanup.h"

static const struct {
        enum texts_kind kind;
        const char *text, *words, *changed; /* NULL: nothing to change */
} words[] = {
        { TEXTS_CMDLINE, "console=tty1 root=LABEL=x\n", "quiet", "console=tty1 root=LABEL=x quiet\n" },
        { TEXTS_CMDLINE, "a b   \nsecond\n", "c", "a b c   \nsecond\n" },
        { TEXTS_CMDLINE, "", "c", "c" },
        { TEXTS_CMDLINE, "a", "", NULL },
        { TEXTS_EXTLINUX, "label l0\n  linux /vmlinuz\n  append root=x ro\n", "q",
          "label l0\n  linux /vmlinuz\n  append root=x ro q\n" },
        { TEXTS_EXTLINUX, "APPEND a\nappended b\nappend c", "q", "APPEND a q\nappended b\nappend c q" },
        { TEXTS_LOADER_ENTRY, "title t\noptions root=x\n", "q", "title t\noptions root=x q\n" },
        { TEXTS_GRUB_CFG, "\tlinux\t/vmlinuz root=x ro  quiet \n\tinitrd /i\n", "q",
          "\tlinux\t/vmlinuz root=x ro  quiet q \n\tinitrd /i\n" },
        { TEXTS_GRUB_CFG, "# linux is not here\nset x=linux\n", "q", NULL },
        { TEXTS_DEFAULT_GRUB, "GRUB_CMDLINE_LINUX=\"a b\"\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n", "q",
          "GRUB_CMDLINE_LINUX=\"a b q\"\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n" },
        { TEXTS_DEFAULT_GRUB, "GRUB_CMDLINE_LINUX=\"\"\n", "q", "GRUB_CMDLINE_LINUX=\"q\"\n" },
        { TEXTS_OTHER, "append a\n", "q", NULL },
};

static void adds_words_where_a_kernel_gets_them(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(words); i++) {
                bool failed = false;
                CLEANUP(free_at)
                char *changed = texts_add_words(words[i].kind, words[i].text, words[i].words, &failed);
                assert_false(failed);
                if (words[i].changed)
                        assert_string_equal(changed, words[i].changed);
                else
                        assert_null(changed);
        }
}

static const struct texts_rename rows[] = {
        { "12345678-01", "9abcdef0-02" },
        { "12345678-02", "9abcdef0-03" },
        { "00112233-4455-6677-8899-aabbccddeeff", "ffeeddcc-bbaa-4998-8877-665544332211" },
};

static const struct {
        const char *text, *changed;
} renames[] = {
        { "root=PARTUUID=12345678-02 rootwait", "root=PARTUUID=9abcdef0-03 rootwait" },
        { "PARTUUID=12345678-01 /boot\nPARTUUID=12345678-02 /",
          "PARTUUID=9abcdef0-02 /boot\nPARTUUID=9abcdef0-03 /" },
        { "root=PARTUUID=00112233-4455-6677-8899-AABBCCDDEEFF",
          "root=PARTUUID=ffeeddcc-bbaa-4998-8877-665544332211" },
        { "/dev/disk/by-partuuid/12345678-02", "/dev/disk/by-partuuid/9abcdef0-03" },
        { "PARTUUID=12345678-021", NULL },                     /* number 33 of the same disk */
        { "UUID=12345678-0200-4000-8000-000000000000", NULL }, /* a file system's id that begins alike */
        { "UUID=a12345678-01", NULL },
        { "PARTUUID=12345678-03", NULL },
        { "", NULL },
};

static void renames_partitions_and_nothing_else(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(renames); i++) {
                bool failed = false;
                CLEANUP(free_at)
                char *changed = texts_rename(renames[i].text, rows, ARRAY_LEN(rows), &failed);
                assert_false(failed);
                if (renames[i].changed)
                        assert_string_equal(changed, renames[i].changed);
                else
                        assert_null(changed);
        }
        bool failed = false;
        assert_null(texts_rename("PARTUUID=12345678-01", rows, 0, &failed));
}

static void lays_lines_over_config_txt(void **state) {
        (void)state;
        bool failed = false;
        CLEANUP(free_at) char *one = texts_add_config("[pi4]\narm_boost=1", "enable_uart=1", &failed);
        CLEANUP(free_at) char *two = texts_add_config("", "a=1\nb=2\n", &failed);

        assert_string_equal(one, "[pi4]\narm_boost=1\n[all]\nenable_uart=1\n");
        assert_string_equal(two, "[all]\na=1\nb=2\n");
        assert_null(texts_add_config("a=1\n", "", &failed));
        assert_false(failed);
}

static void names_the_host(void **state) {
        (void)state;
        bool failed = false;
        CLEANUP(free_at)
        char *one =
                texts_set_host("127.0.0.1\tlocalhost\n127.0.1.1\traspberrypi\n::1 localhost", "pi4", &failed);
        CLEANUP(free_at) char *two = texts_set_host("127.0.0.1 localhost\n", "pi4", &failed);

        assert_string_equal(one, "127.0.0.1\tlocalhost\n127.0.1.1\tpi4\n::1 localhost\n");
        assert_string_equal(two, "127.0.0.1 localhost\n127.0.1.1\tpi4\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(adds_words_where_a_kernel_gets_them),
                cmocka_unit_test(renames_partitions_and_nothing_else),
                cmocka_unit_test(lays_lines_over_config_txt),
                cmocka_unit_test(names_the_host),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
