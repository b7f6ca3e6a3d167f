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
#define EITHER CONFIG_TXT_ROM

static void levels(void **state) {
        static const struct {
                const char *config;
                uint32_t bits;
                const char *level; /* and what the row is about */
                enum config_txt_family family;
        } rows[] = {
                { "", 0, "none", EITHER },
                { HTTP, 0, "network-trusted", EITHER },
                { HTTP "BOOT_ORDER=0xf71\n", 0, "none", EITHER },        /* a card is anybody's */
                { HTTP "BOOT_ORDER=0xf27\n", 0, "none", EITHER },        /* so is TFTP */
                { HTTP "BOOT_ORDER=0xe\n", 0, "none", EITHER },          /* it boots nothing */
                { HTTP "ENABLE_SELF_UPDATE=1\n", 0, "none", EITHER },    /* TFTP could write its EEPROM */
                { "BOOT_ORDER=0xf7\nHTTP_HOST=a\n", 0, "none", EITHER }, /* it updates itself unless told */
                { "BOOT_ORDER=0xf7\nENABLE_SELF_UPDATE=0\n", 0, "none",
                  EITHER }, /* from Raspberry Pi's own server */
                { HTTP "[pi4]\nBOOT_ORDER=0xf1\n", 0, "network-trusted",
                  CONFIG_TXT_2712 }, /* not for this board */
                { "SIGNED_BOOT=1\n", 0, "signed", CONFIG_TXT_2711 },
                { "", 1, "signed", CONFIG_TXT_2711 },
                { "SIGNED_BOOT=1\n", 0, "none", CONFIG_TXT_2712 }, /* which nobody has to sign */
                { "SIGNED_BOOT=1\n", 1, "none", CONFIG_TXT_2712 },
                { HTTP "SIGNED_BOOT=1\n", 1, "network-trusted", CONFIG_TXT_2712 },
                { "", 9, "fused", EITHER },
                { "", 8, "fused", EITHER },
                { "", 4, "none", EITHER }, /* only Raspberry Pi's development key is revoked */
        };
        static const struct config_txt_board boards[] = { { .family = CONFIG_TXT_2711, .type = 0x11 },
                                                          { .family = CONFIG_TXT_2712, .type = 0x17 } };
        (void)state;

        for (size_t n = 0; n < ARRAY_LEN(boards) * ARRAY_LEN(rows); n++) {
                const struct config_txt_board *board = &boards[n % ARRAY_LEN(boards)];
                const size_t i = n / ARRAY_LEN(boards);
                if (rows[i].family == EITHER || rows[i].family == board->family)
                        assert_string_equal(
                                boot_trust_name(boot_trust_of(rows[i].config, strlen(rows[i].config), board,
                                                              rows[i].bits)),
                                rows[i].level);
        }
}

/* A card with a key, as `bramble card make --pubkey` makes it, is of no level, and goes by a key all the
 * same. */
static void what_lies_beside_a_configuration(void **state) {
        static const struct {
                const char *config, *beside;
                bool needs_key;
        } rows[] = {
                { "", NULL, false },
                { "BOOT_ORDER=0xf127\n", NULL,
                  false }, /* from Raspberry Pi's server, by Raspberry Pi's key */
                { "BOOT_ORDER=0xf127\nHTTP_HOST=10.77.0.1\n", "HTTP_HOST", true },
                { "BOOT_ORDER=0xf712\nHTTP_HOST=10.77.0.1\n", "HTTP_HOST", true },
                { "BOOT_ORDER=0xf12\nHTTP_HOST=10.77.0.1\n", "HTTP_HOST", false }, /* it boots without */
                { "BOOT_ORDER=0xf127\nHTTP_HOST=\n", NULL, false },
                { "SIGNED_BOOT=1\n", "SIGNED_BOOT", true },
                { "SIGNED_BOOT=1\nSIGNED_BOOT=0\n", NULL, false },
                { "HTTP_CACERT_HASH=00\n", "HTTP_CACERT_HASH", false },
                { "[pi5]\nSIGNED_BOOT=1\n", NULL, false },
        };
        const struct config_txt_board board = { .family = CONFIG_TXT_2711, .type = 0x11 };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const char *beside = boot_trust_beside(rows[i].config, strlen(rows[i].config), &board);
                assert_true(beside == rows[i].beside ||
                            (beside && rows[i].beside && strcmp(beside, rows[i].beside) == 0));
                assert_int_equal(boot_trust_needs_key(rows[i].config, strlen(rows[i].config), &board),
                                 rows[i].needs_key);
                assert_int_equal(boot_trust_is_signed(rows[i].config, strlen(rows[i].config), &board),
                                 rows[i].beside && strcmp(rows[i].beside, "SIGNED_BOOT") == 0);
        }
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
                                            cmocka_unit_test(what_lies_beside_a_configuration),
                                            cmocka_unit_test(names_there_and_back) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
