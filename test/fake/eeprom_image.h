/* A small image of a Raspberry Pi 4's EEPROM, made here: the places of all files that can be put, and no
 * firmware. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "format/eeprom.h"

/** eeprom_image_make() - EEPROM_SIZE_2711 octets with @config as bootconf.txt, all other files empty. */
void eeprom_image_make(uint8_t ret[static EEPROM_SIZE_2711], const char *config);
