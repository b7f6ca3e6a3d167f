/* How far boards check what they boot, by what their EEPROMs say. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/boot_trust.h"

#define HTTP "[all]\nBOOT_ORDER=0xf7\nHTTP_HOST=10.77.0.1\nENABLE_SELF_UPDATE=0\n"

static void levels(void **state) {
        static const struct {
                const char *config;
                uint32_t bits;
                const char *level; /* and what the row is about */
        } rows[] = {
                { "", 0, "none" },
                { HTTP, 0, "network-trusted" },
                { HTTP "BOOT_ORDER=0xf71\n", 0, "none" },                 /* a card is anybody's */
                { HTTP "BOOT_ORDER=0xf27\n", 0, "none" },                 /* so is TFTP */
                { HTTP "BOOT_ORDER=0xe\n", 0, "none" },                   /* it boots nothing */
                { HTTP "ENABLE_SELF_UPDATE=1\n", 0, "none" },             /* TFTP could write its EEPROM */
                { "BOOT_ORDER=0xf7\nHTTP_HOST=a\n", 0, "none" },          /* it updates itself unless told */
                { "BOOT_ORDER=0xf7\nENABLE_SELF_UPDATE=0\n", 0, "none" }, /* from Raspberry Pi's own server */
                { HTTP "[pi4]\nBOOT_ORDER=0xf1\n", 0, "network-trusted" }, /* not for this board */
                { "SIGNED_BOOT=1\n", 0, "signed" },
                { "", 1, "signed" },
                { "", 9, "fused" },
                { "", 8, "fused" },
                { "", 4, "none" }, /* only Raspberry Pi's development key is revoked */
        };
        const struct config_txt_board board = { .family = CONFIG_TXT_2712, .type = 0x17 };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_string_equal(boot_trust_name(boot_trust_of(rows[i].config, strlen(rows[i].config),
                                                                  &board, rows[i].bits)),
                                    rows[i].level);
}

static void names_there_and_back(void **state) {
        enum boot_trust t;
        (void)state;

        for (int i = 0; i < BOOT_TRUST_LEVELS; i++) {
                assert_int_equal(boot_trust_parse(boot_trust_name((enum boot_trust)i), &t), 0);
                assert_int_equal(t, i);
        }
        assert_int_equal(boot_trust_parse("trusted", &t), -EINVAL);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(levels),
                                            cmocka_unit_test(names_there_and_back) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
