/* The configuration of an EEPROM: what is set is what is read, and nothing else changes in its size. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/bootconf.h"
#include "format/bootconf_keys.h"
#include "format/bootconf_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void say(void *ctx, const struct bootconf_remark *remark) {
        CLEANUP(text_free) struct text sentence = {};

        bootconf_remark_text(remark, &sentence);
        assert(sentence.len > 0);
        ++*(size_t *)ctx;
}

/* What is laid over counts, and once it does nothing more comes of it. */
static void lay_over(const char *text, const struct config_txt_board *board) {
        struct bootconf_lines lines = {};
        CLEANUP(text_free) struct text once = {};
        CLEANUP(text_free) struct text twice = {};

        assert(bootconf_lines_add(&lines, "BOOT_ORDER=0xf21", 16) == BOOTCONF_LINE_GOOD);
        assert(bootconf_is_same(text, text));
        if (bootconf_lay_over(&lines, text, strlen(text), board, &once) < 0)
                return;
        assert(bootconf_boot_order(once.octets, once.len, board) == 0xf21);
        assert(bootconf_lay_over(&lines, once.octets, once.len, board, &twice) == 0);
        assert(bootconf_is_same(once.octets, twice.octets));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static const struct config_txt_board board = {
                .family = CONFIG_TXT_2712, .type = 0x17, .has_serial = true, .serial = 0xa1b2c3d4
        };
        const char *text = (const char *)data;
        CLEANUP(text_free) struct text out = {};
        size_t n = 0;

        CLEANUP(free_at) char *whole = strndup(text ? text : "", len);
        assert(whole);
        lay_over(whole, &board);
        assert(bootconf_check(text, len, 2712, "2024-01-01", say, &n) == n);
        uint32_t order = boot_order_network_first(bootconf_boot_order(text, len, &board));
        assert(boot_order_kind_of(order) == BOOT_ORDER_NETWORK_FIRST);
        assert(boot_order_network_first(order) == order);
        if (bootconf_set_boot_order(text, len, &board, order, &out) < 0)
                return 0;
        assert(bootconf_boot_order(out.octets, out.len, &board) == order);
        return 0;
}
