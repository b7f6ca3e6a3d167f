/* What one machine gets in a roll-out of EEPROM updates, made before anything is ordered. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/call.h"
#include "base/text.h"
#include "core/life/eeprom_wish.h"
#include "core/machine/eeprom_order.h"

enum { EEPROM_FIRMWARES_MAX = 64 };

/* When images' firmware was built: read once for a call. */
struct eeprom_firmwares {
        const struct api_call *call;
        struct {
                const struct image *image;
                uint64_t build_s;
        } items[EEPROM_FIRMWARES_MAX];
        size_t n;
};

/** eeprom_firmware_build() - Unix time; 0: it does not say. @known: struct eeprom_firmwares, as
 * eeprom_builds.of() has it. */
uint64_t eeprom_firmware_build(void *known, const struct image *image);

struct eeprom_part {
        const struct machine *machine;
        struct eeprom_order order; /* its texts are those below, and of @machine */
        struct eeprom_wish wish;
        struct text files, former_files; /* likewise */
};

struct eeprom_parts {
        struct eeprom_part *items;
        size_t n;
        struct eeprom_firmwares known; /* with its call, before a part is made */
};

void eeprom_parts_end(struct eeprom_parts *p); /* the CLEANUP() function */

/**
 * eeprom_part_make() - the next one of @parts, which has room for it
 * @config:     that it gets; NULL: the one that is wanted for it
 * @order:      what all of them have in common
 *
 * Return: 1; 0: nothing would change, and it is left out; or -errno with a sentence.
 */
MUST_CHECK int eeprom_part_make(const struct api_call *c, const char *name, const char *config,
                                const struct eeprom_order *order, struct eeprom_parts *parts,
                                struct error *reterr);
