/* Where things lie in an EEPROM image: what eeprom.c and eeprom_edit.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "format/eeprom.h"

enum {
        EEPROM_HEAD = 8,       /* magic and length, before each section */
        EEPROM_FILE_HEAD = 24, /* the same, with the name of a file or module */
        EEPROM_ALIGN = 8,
        EEPROM_SCRATCH = 4096, /* at the end of an image, for the updater itself */

        /* Files that may be replaced lie here: before it is what is never written again, behind it the other
           half of images with two. */
        EEPROM_FILES_BEGIN = 0x10000,
        EEPROM_FILES_END = 0x107000,

        EEPROM_MAGIC_PAD = 0x55aafeef,

        /* A timestamp: its octets inverted, then as they are; both little-endian. */
        EEPROM_TIME_SIZE = 8
};

#define EEPROM_TIME_NAME "updatetime"

/** eeprom_find_within() - a file whose head lies in [@begin, @end): 0, -ENOENT, or -EBADMSG. */
MUST_CHECK int eeprom_find_within(const void *image, size_t size, const char *name, size_t begin, size_t end,
                                  struct eeprom_section *ret);
