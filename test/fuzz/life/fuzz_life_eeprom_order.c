/* One machine's part of a roll-out as a text: what is read is written as it was, and read again. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/machine/eeprom_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        CLEANUP(free_at) char *text = strndup((const char *)data, len);
        struct eeprom_order o, again;

        assert(text);
        if (eeprom_order_parse(text, &o) < 0)
                return 0;
        const char *end = text + strlen(text);
        assert(o.now.config + o.now.config_len == end && o.former.config >= text);
        CLEANUP(free_at) char *printed = eeprom_order_print(&o);
        assert(printed && eeprom_order_parse(printed, &again) == 0);
        assert(again.step == o.step && again.now.config_len == o.now.config_len &&
               again.now.files_len == o.now.files_len && again.former.files_len == o.former.files_len &&
               again.now.has_rsa == o.now.has_rsa);
        return 0;
}
