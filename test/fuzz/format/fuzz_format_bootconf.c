/* The configuration of an EEPROM: what is set is what is read, and nothing else changes in its size. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>

#include "format/bootconf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static const struct config_txt_board board = {
                .family = CONFIG_TXT_2712, .type = 0x17, .has_serial = true, .serial = 0xa1b2c3d4
        };
        const char *text = (const char *)data;
        CLEANUP(text_free) struct text out = {};

        uint32_t order = boot_order_network_first(bootconf_boot_order(text, len, &board));
        assert(boot_order_kind_of(order) == BOOT_ORDER_NETWORK_FIRST);
        assert(boot_order_network_first(order) == order);
        if (bootconf_set_boot_order(text, len, &board, order, &out) < 0)
                return 0;
        assert(bootconf_boot_order(out.octets, out.len, &board) == order);
        return 0;
}
