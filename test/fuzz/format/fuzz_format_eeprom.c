/* EEPROM images: whatever is in them, what is put is found again and nothing lies outside. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/eeprom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { SIZE = 0x14000, FILES = 0x10000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static const char text[] = "[all]\nBOOT_ORDER=0xf12\n";
        uint8_t *image = calloc(1, SIZE);
        struct eeprom_section section = {};
        struct eeprom_file f;
        size_t room = 0;
        uint32_t ts;

        assert(image);
        /* One section up to where files may lie, so that the input is what they are. */
        memcpy(image, "\x55\xaa\xfe\xef\x00\x00\xff\xf8", 8);
        memcpy(image + FILES, data, len < SIZE - FILES ? len : SIZE - FILES);
        if (eeprom_find(image, SIZE, "bootconf.txt", &f) == 0)
                assert(f.at <= SIZE && f.len <= SIZE - f.at);
        while (eeprom_next(image, SIZE, &section) > 0)
                assert(section.data_at <= SIZE && section.data_len <= SIZE - section.data_at);
        const bool is_good = eeprom_check(image, SIZE) == 0;
        const bool fits = eeprom_room(image, SIZE, "bootconf.txt", &room) == 0 && room >= strlen(text);
        if (eeprom_put(image, SIZE, "bootconf.txt", text, strlen(text)) == 0) {
                assert(eeprom_find(image, SIZE, "bootconf.txt", &f) == 0);
                assert(f.len == strlen(text) && memcmp(image + f.at, text, f.len) == 0);
                assert(fits && (!is_good || eeprom_check(image, SIZE) == 0));
        }
        if (eeprom_set_timestamp(image, SIZE, 1700000000) == 0)
                assert(eeprom_timestamp(image, SIZE, &ts) == 0 && ts == 1700000000);
        if (eeprom_remove(image, SIZE, "bootconf.txt") == 0 &&
            eeprom_find(image, SIZE, "bootconf.txt", &f) == 0)
                assert(eeprom_is_empty(image, &f));
        free(image);
        return 0;
}
