/* Boot orders of Raspberry Pis, read, judged and changed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/bootconf.h"

static const struct config_txt_board pi4 = {
        .family = CONFIG_TXT_2711, .type = 0x11, .has_serial = true, .serial = 0xe5ef6e9d
};

static void reads_the_line_that_counts(void **state) {
        (void)state;
        static const struct {
                const char *text;
                uint32_t order;
        } rows[] = {
                { "[all]\nBOOT_UART=0\nBOOT_ORDER=0xf12\n", 0xf12 },
                { "BOOT_ORDER=0xf1\nBOOT_ORDER=0xf21", 0xf21 }, /* the last one */
                { "", 0xf41 },
                { "BOOT_UART=1\n", 0xf41 },
                { "[pi5]\nBOOT_ORDER=0xf2\n", 0xf41 },
                { "[pi4]\nBOOT_ORDER=0xf2\n[pi5]\nBOOT_ORDER=0xf1\n", 0xf2 },
                { "[0xe5ef6e9d]\nBOOT_ORDER=0xf2\n", 0xf2 },
                { "[0x00000001]\nBOOT_ORDER=0xf2\n", 0xf41 },
                { "[none]\nBOOT_ORDER=0xf2\n", 0xf41 },
                { "BOOT_ORDER=f2\n", 0xf41 }, /* no number */
                { "BOOT_ORDER=0x123456789\n", 0xf41 },
                { "#BOOT_ORDER=0xf2\n", 0xf41 },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_int_equal(bootconf_boot_order(rows[i].text, strlen(rows[i].text), &pi4),
                                 rows[i].order);
}

static void judges_and_changes_orders(void **state) {
        (void)state;
        static const struct {
                uint32_t order;
                enum boot_order_kind kind;
                uint32_t network_first;
                bool has_disk;
        } rows[] = {
                { 0xf21, BOOT_ORDER_DISK_FIRST, 0xf12, true },
                { 0xf12, BOOT_ORDER_NETWORK_FIRST, 0xf12, true },
                { 0xf41, BOOT_ORDER_DISK_ONLY, 0xf412, true },
                { 0xf461, BOOT_ORDER_DISK_ONLY, 0xf4612, true }, /* a Pi 5 as it is sold */
                { 0xf25641, BOOT_ORDER_DISK_FIRST, 0xf56412, true },
                { 0xf2, BOOT_ORDER_NETWORK_FIRST, 0xf2, false },
                { 0xf71, BOOT_ORDER_DISK_FIRST, 0xf17, true }, /* HTTP is the network too */
                { 0xf721, BOOT_ORDER_DISK_FIRST, 0xf172, true },
                { 0x231, BOOT_ORDER_DISK_ONLY, 0x312, true }, /* it waits at 3 for ever */
                { 0xe1, BOOT_ORDER_DISK_ONLY, 0xe12, true },
                { 0xf7, BOOT_ORDER_NETWORK_FIRST, 0xf7, false },
                { 0x1f7, BOOT_ORDER_NETWORK_FIRST, 0x1f7, false }, /* the disk's turn never comes */
                { 0xf, BOOT_ORDER_NEITHER, 0xf2, false },
                { 0, BOOT_ORDER_NEITHER, 0x2, false },
                { 0x11111111, BOOT_ORDER_DISK_ONLY, 0x11111112, true },
                { 0x82, BOOT_ORDER_NETWORK_FIRST, 0x82, false }, /* 8 is nothing, and does no harm */
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                assert_int_equal(boot_order_kind_of(rows[i].order), rows[i].kind);
                assert_int_equal(boot_order_has_disk(rows[i].order), rows[i].has_disk);
                assert_int_equal(boot_order_network_first(rows[i].order), rows[i].network_first);
        }
}

static void sets_it_and_leaves_the_rest(void **state) {
        (void)state;
        static const struct {
                const char *before, *after;
        } rows[] = {
                { "[all]\nBOOT_ORDER=0xf21 \nBOOT_UART=1\n", "[all]\nBOOT_ORDER=0xf12\nBOOT_UART=1\n" },
                { "BOOT_ORDER=0xf41\n[pi4]\nBOOT_ORDER=0xf21", "BOOT_ORDER=0xf41\n[pi4]\nBOOT_ORDER=0xf12" },
                { "[pi5]\nBOOT_ORDER=0xf1", "[pi5]\nBOOT_ORDER=0xf1\n[all]\nBOOT_ORDER=0xf12\n" },
                { "", "[all]\nBOOT_ORDER=0xf12\n" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(text_free) struct text out = {};
                assert_int_equal(
                        bootconf_set_boot_order(rows[i].before, strlen(rows[i].before), &pi4, 0xf12, &out),
                        0);
                assert_string_equal(out.octets, rows[i].after);
                assert_int_equal(bootconf_boot_order(out.octets, out.len, &pi4), 0xf12);
        }
        char full[BOOTCONF_SIZE_MAX];
        CLEANUP(text_free) struct text out = {};
        memset(full, '#', sizeof(full));
        assert_int_equal(bootconf_set_boot_order(full, sizeof(full), &pi4, 0xf12, &out), -E2BIG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_the_line_that_counts),
                cmocka_unit_test(judges_and_changes_orders),
                cmocka_unit_test(sets_it_and_leaves_the_rest),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
