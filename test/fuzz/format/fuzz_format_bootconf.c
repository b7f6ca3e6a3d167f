/* The configuration of an EEPROM: what is set is what is read, and nothing else changes in its size. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "format/bootconf.h"
#include "format/bootconf_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void say(void *ctx, const struct bootconf_remark *remark) {
        CLEANUP(text_free) struct text sentence = {};

        bootconf_remark_text(remark, &sentence);
        assert(sentence.len > 0);
        ++*(size_t *)ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static const struct config_txt_board board = {
                .family = CONFIG_TXT_2712, .type = 0x17, .has_serial = true, .serial = 0xa1b2c3d4
        };
        const char *text = (const char *)data;
        CLEANUP(text_free) struct text out = {};
        size_t n = 0;

        assert(bootconf_check(text, len, 2712, "2024-01-01", say, &n) == n);
        uint32_t order = boot_order_network_first(bootconf_boot_order(text, len, &board));
        assert(boot_order_kind_of(order) == BOOT_ORDER_NETWORK_FIRST);
        assert(boot_order_network_first(order) == order);
        if (bootconf_set_boot_order(text, len, &board, order, &out) < 0)
                return 0;
        assert(bootconf_boot_order(out.octets, out.len, &board) == order);
        return 0;
}
