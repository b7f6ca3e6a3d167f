/* Files of an EEPROM as a text: whatever it says, the image stays one. */
/* SPDX-License-Identifier: Apache-2.0 */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "eeprom_image.h"
#include "format/eeprom_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        uint8_t *image = malloc(EEPROM_SIZE_2711);
        struct eeprom_file f;

        assert(image);
        eeprom_image_make(image, "[all]\n");
        const int r = eeprom_fill(image, EEPROM_SIZE_2711,
                                  &(struct eeprom_filling){ "[pi4]\n", 6, (const char *)data, len });
        assert(r <= 0 && eeprom_check(image, EEPROM_SIZE_2711) == 0);
        assert(eeprom_find(image, EEPROM_SIZE_2711, "bootconf.txt", &f) == 0 && f.len == 6);
        free(image);
        return 0;
}
