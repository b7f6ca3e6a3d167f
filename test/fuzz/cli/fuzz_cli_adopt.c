/* What a board says when it is looked at: a configuration of its own words, or a sentence; and what comes of
 * it fits or is refused. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/bramble/adopt/script.h"
#include "app/bramble/card/settings.h"
#include "format/bootconf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(free_at) char *said = strndup((const char *)data, len);
        CLEANUP(text_free) struct text config = {}, diff = {};
        struct adopt_board b = {};
        struct error err = {};

        if (adopt_read(said, &b, &err) < 0) {
                assert(err.text[0]);
                return 0;
        }
        CLEANUP(free_at) char *own = b.config;
        const struct config_txt_board board = { .family = b.board->family, .type = b.board->type };
        const struct card_settings s = { .server = "10.77.0.1" };
        if (card_settings_apply(&s, own, strlen(own), &board, &config, &err) < 0)
                return 0;
        assert(config.len <= BOOTCONF_SIZE_MAX);
        assert(boot_order_kind_of(bootconf_boot_order(config.octets, config.len, &board)) ==
               BOOT_ORDER_NETWORK_FIRST);
        adopt_diff(own, config.octets, &diff);
        return 0;
}
