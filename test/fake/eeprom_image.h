/* Images of EEPROMs, made here: laid out as real ones are, with nothing of theirs. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/writer.h"
#include "format/eeprom.h"

/** eeprom_image_make() - one of a Raspberry Pi 4: EEPROM_SIZE_2711 octets with @config as bootconf.txt, all
 * other files empty. */
void eeprom_image_make(uint8_t ret[static EEPROM_SIZE_2711], const char *config);

/* The parts that one is made of. */

/** eeprom_image_put_file() - a section with a file of that name. */
void eeprom_image_put_file(struct writer *w, const char *name, const void *octets, size_t len);

/** eeprom_image_put_padding() - a section of nothing, up to @end. */
void eeprom_image_put_padding(struct writer *w, size_t end);
