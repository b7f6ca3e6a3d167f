/*
 * What a machine's agent read of its EEPROM: the bootloader and its configuration.
 *
 * Kept with the machine as a text, so that it is in every snapshot: what is wanted is compared with it. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "core/machine/machine.h"

enum { EEPROM_FOUND_VERSION_MAX = 63 };

struct eeprom_found {
        uint64_t build_s;  /* when its bootloader was built, Unix time; 0: it does not tell */
        uint64_t update_s; /* of the update that brought it, likewise */
        char version[EEPROM_FOUND_VERSION_MAX + 1]; /* what it was built from; "": it does not tell */
        const char *config; /* its bootconf.txt; borrowed; NULL: it could not be read */
};

/** eeprom_found_parse() - 0, or -EBADMSG. @ret's config is of @text. */
MUST_CHECK int eeprom_found_parse(const char *text, struct eeprom_found *ret);

/** eeprom_found_print() - the text, the caller's; NULL: out of memory. */
char *eeprom_found_print(const struct eeprom_found *f);

/** eeprom_found_of() - that of @m; false: its agent told nothing. */
bool eeprom_found_of(const struct machine *m, struct eeprom_found *ret);
