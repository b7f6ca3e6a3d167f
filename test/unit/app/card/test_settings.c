/* Settings of an EEPROM, laid over the ones that its firmware brings. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/card/settings.h"

#define MORE(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct config_txt_board pi4 = { .family = CONFIG_TXT_2711, .type = 0x11 };

static void ours_count_and_the_rest_stays(void **state) {
        static const char *const more[] = { "NETCONSOLE=6665@169.254.1.1/,6666@/", "BOOT_ORDER=0xf2", NULL };
        static const struct {
                const char *own, *wanted;
                struct card_settings settings;
        } rows[] = {
                /* nothing is said: the network goes before the order that counts then */
                { "", "BOOT_ORDER=0xf412\n", {} },
                { "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf461\n", "[all]\nBOOT_UART=1\nBOOT_ORDER=0xf4612\n", {} },
                /* no newline at the end, and a comment */
                { "# mine\nBOOT_UART=1", "# mine\nBOOT_UART=1\nBOOT_ORDER=0xf412\n", {} },
                /* another board's line is its own; ours are for all */
                { "[pi5]\nBOOT_ORDER=0xf6\n", "[pi5]\nBOOT_ORDER=0xf6\n[all]\nBOOT_ORDER=0xf412\n", {} },
                /* this board's line is said once */
                { "[pi4]\nTFTP_IP=10.0.0.9\n",
                  "[pi4]\n[all]\nBOOT_ORDER=0xf21\nTFTP_IP=10.0.0.1\n",
                  { .server = "10.0.0.1", .boot_order = 0xf21 } },
                /* without a server no word of HTTP */
                { "", "BOOT_ORDER=0xf412\n", { .has_http = true } },
                { "",
                  "BOOT_ORDER=0xf4127\nTFTP_IP=10.0.0.1\nHTTP_HOST=10.0.0.1\nHTTP_PORT=5248\nHTTP_PATH="
                  "boot\n",
                  { .server = "10.0.0.1", .has_http = true } },
                /* another port, whatever speaks there */
                { "BOOT_ORDER=0xf7\n",
                  "BOOT_ORDER=0xf7\nTFTP_IP=10.0.0.1\nHTTP_HOST=10.0.0.1\nHTTP_PORT=443\nHTTP_PATH=boot\n"
                  "HTTP_CACERT_HASH=00\n",
                  { .server = "10.0.0.1", .has_http = true, .cacert_hash = "00", .http_port = 443 } },
                { "BOOT_ORDER=0xf17\n",
                  "BOOT_ORDER=0xf17\nTFTP_IP=10.0.0.1\nHTTP_HOST=10.0.0.1\nHTTP_PORT=5248\nHTTP_PATH=boot\n",
                  { .server = "10.0.0.1", .has_http = true } },
                /* what is asked for counts more than what we would say */
                { "", "BOOT_ORDER=0xf2\nNETCONSOLE=6665@169.254.1.1/,6666@/\n", { .more = more } },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(text_free) struct text out = {};
                assert_int_equal(card_settings_apply(&rows[i].settings, rows[i].own, strlen(rows[i].own),
                                                     &pi4, &out, NULL),
                                 0);
                assert_string_equal(out.octets, rows[i].wanted);
        }
}

static void what_is_no_setting(void **state) {
        static const char *const rows[] = { "BOOT_ORDER", "=1", "boot_order=1", "A B=1", "A=1\nB=2",
                                            "A=\x7f",     "" };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(text_free) struct text out = {};
                struct error err = {};
                const struct card_settings s = { .more = MORE(rows[i]) };
                assert_int_equal(card_settings_apply(&s, "", 0, &pi4, &out, &err), -EINVAL);
                assert_non_null(strstr(err.text, "EEPROM"));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ours_count_and_the_rest_stays),
                cmocka_unit_test(what_is_no_setting),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
