/* Images of EEPROMs for tests; see eeprom_image.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "eeprom_image.h"

#include <string.h>

#include "base/writer.h"

enum { PLACES_AT = 0x70000, PLACE = 0x1000 };

void eeprom_image_put_file(struct writer *w, const char *name, const void *octets, size_t len) {
        char field[16] = "";

        memcpy(field, name, strlen(name));
        write_u32(w, 0x55aaf11f);
        write_u32(w, (uint32_t)(len + sizeof(field)));
        write_octets(w, field, sizeof(field));
        write_octets(w, octets, len);
        while (writer_len(w) % 8)
                write_u8(w, 0xff);
}

void eeprom_image_put_padding(struct writer *w, size_t end) {
        const size_t len = end - writer_len(w) - 8;

        write_u32(w, 0x55aafeef);
        write_u32(w, (uint32_t)len);
        for (size_t i = 0; i < len; i++)
                write_u8(w, 0xff);
}

void eeprom_image_make(uint8_t ret[static EEPROM_SIZE_2711], const char *config) {
        static const uint8_t nothing[512];
        static const char *const files[] = { "pubkey.bin", "cacert.der", "bootconf.sig" };
        struct writer w = writer_of(ret, EEPROM_SIZE_2711);

        eeprom_image_put_padding(&w, PLACES_AT);
        eeprom_image_put_file(&w, "updatetime", nothing, 8);
        for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
                eeprom_image_put_padding(&w, PLACES_AT + (i + 1) * PLACE);
                eeprom_image_put_file(&w, files[i], nothing, sizeof(nothing));
        }
        eeprom_image_put_padding(&w, PLACES_AT + 4 * PLACE);
        eeprom_image_put_file(&w, "bootconf.txt", config, strlen(config));
        memset(ret + writer_len(&w), 0xff, EEPROM_SIZE_2711 - writer_len(&w));
}
