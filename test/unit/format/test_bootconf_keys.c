/* The keys of bootconf.txt, and what is said about texts. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/bootconf.h"
#include "format/bootconf_keys.h"

static void is_date(const char *since) {
        assert_true(!since || !*since || (strlen(since) == 10 && since[4] == '-' && since[7] == '-'));
}

static void take_remark(void *ctx, const struct bootconf_remark *r) {
        struct text *out = ctx;

        bootconf_remark_text(r, out);
        text_append(out, "\n");
}

static void the_table_makes_sense(void **state) {
        (void)state;
        const struct bootconf_key *before = NULL;

        for (const struct bootconf_key *k = bootconf_keys(); k->name; before = k++) {
                CLEANUP(text_free) struct text line = {}, out = {};

                assert_true(!before || strcmp(before->name, k->name) != 0);
                assert_ptr_equal(bootconf_key(k->name, strlen(k->name)), k);
                assert_true(k->since_2711 || k->since_2712);
                is_date(k->since_2711);
                is_date(k->since_2712);
                assert_true(k->min <= k->max && *k->help);
                if (!*k->fallback)
                        continue;
                /* What counts without a line is what may stand in one. */
                text_printf(&line, "%s=%s\n", k->name, k->fallback);
                assert_int_equal(bootconf_check(line.octets, line.len, 0, NULL, take_remark, &out), 0);
        }
}

static const struct {
        const char *text;
        unsigned soc;
        const char *release, *remarks;
} rows[] = {
        { "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf461\n# a comment, as long as one likes: nobody reads it anyway, "
          "and "
          "so it may go on and on and on\n\nNETCONSOLE=6665@169.254.1.1/,6666@/\n",
          2712, "2026-05-17", "" },
        { "TFTP_IP=\nMAX_RESTARTS=-1\nHTTP_CACERT_HASH="
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nMAC_ADDRESS=dc:a6:32:01:02:03\n",
          2712, NULL, "" }, /* nothing is a value, too */
        { "BOOT_ODER=0xf1\n", 2711, NULL,
          "line 1: the bootloader has no key BOOT_ODER, did you mean BOOT_ORDER?\n" },
        { "[all]\nboot_order=0xf1\n", 2711, NULL,
          "line 2: the bootloader has no key boot_order\n" }, /* capitals count */
        { "PCIE_PROBE=1\n", 2711, NULL, "line 1: PCIE_PROBE is no key of the BCM2711\n" },
        { "[pi5]\nPCIE_PROBE=1\n", 2711, NULL, "" }, /* it never counts there */
        { "HTTP_HOST=10.0.0.1\n", 2711, "2021-01-16",
          "line 1: HTTP_HOST wants a bootloader of 2022-03-10 or later\n" },
        { "BOOT_ORDER=412\n", 0, NULL,
          "line 1: BOOT_ORDER takes 0x and up to eight hexadecimal digits, as in 0xf412\n" }, /* 0x19c */
        { "BOOT_ORDER=0xf12345678\n", 0, NULL,
          "line 1: BOOT_ORDER takes 0x and up to eight hexadecimal digits, as in 0xf412\n" },
        { "BOOT_UART=yes\n", 0, NULL, "line 1: BOOT_UART takes 0 or 1\n" },
        { "DHCP_TIMEOUT=100\n", 0, NULL, "line 1: DHCP_TIMEOUT takes a number from 5000 to 3600000\n" },
        { "TFTP_IP=server\n", 0, NULL, "line 1: TFTP_IP takes an address, as in 192.168.1.10\n" },
        { "TFTP_PREFIX_STR=a/folder/with/quite/a/long/name/\n", 0, NULL, "" },
        { "TFTP_PREFIX_STR=a/folder/with/quite/a/longer/name/\n", 0, NULL,
          "line 1: TFTP_PREFIX_STR takes a text of at most 32 octets\n" },
        { "NETCONSOLE=6665@10.0.0.1\n", 0, NULL,
          "line 1: NETCONSOLE takes PORT@ADDRESS/DEVICE,PORT@ADDRESS/MAC with every separator, in 32 "
          "characters\n" },
        { "BOOT_ORDER = 0xf1\n", 0, NULL,
          "line 1: BOOT_ORDER has a blank beside its =, which the bootloader does not take away\n" },
        { "BOOT_ORDER\n", 0, NULL, "line 1: 'BOOT_ORDER' is neither KEY=VALUE nor a filter nor a comment\n" },
        { "[all]\n[config.txt]\ngpu_mem=16\ninclude x\n", 0, NULL, "" }, /* config.txt's */
};

static void remarks_are_made(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(text_free) struct text out = {};
                (void)bootconf_check(rows[i].text, strlen(rows[i].text), rows[i].soc, rows[i].release,
                                     take_remark, &out);
                assert_string_equal(out.octets ? out.octets : "", rows[i].remarks);
        }
}

static void what_is_too_long_is_said(void **state) {
        (void)state;
        static char text[BOOTCONF_SIZE_MAX + 1];
        CLEANUP(text_free) struct text out = {};

        memset(text, 'x', sizeof(text));
        memcpy(text, "HTTP_PATH=", 10);
        (void)bootconf_check(text, sizeof(text), 2712, NULL, take_remark, &out);
        assert_string_equal(out.octets,
                            "it is larger than 4076 octets, which is all that an EEPROM has room for\n"
                            "line 1: the bootloader reads only 98 octets of a line\n"
                            "line 1: HTTP_PATH takes a text of at most 255 octets\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_table_makes_sense),
                cmocka_unit_test(remarks_are_made),
                cmocka_unit_test(what_is_too_long_is_said),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
