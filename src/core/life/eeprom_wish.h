/*
 * What a machine's EEPROM shall have: the lines of its board, of its tags and its own, laid over what its
 * agent found, and the firmware that they name.
 *
 * Pure. Sources: docs/eeprom.md; raspberry-pi.md sections 6 and 7.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "base/text.h"
#include "core/machine/eeprom_found.h"
#include "core/site/site.h"

#define EEPROM_WISH_NEWEST "newest"

struct eeprom_wish {
        char *config;              /* its bootconf.txt; NULL: nobody knows what it has now */
        const struct image *image; /* whose firmware; of the site; NULL: @lack says why */
        struct error lack;
        char config_of[256];   /* who has a word in it, for people: "board pi4b, tag lab"; "": nobody */
        char firmware_of[128]; /* likewise; "": it is the newest that there is */
};

/* When the firmware of images was built: it stands in the octets, which are another's to read. */
struct eeprom_builds {
        uint64_t (*of)(void *ctx, const struct image *i); /* Unix time; 0: it does not say */
        void *ctx;
};

void eeprom_wish_end(struct eeprom_wish *w); /* the CLEANUP() function */

/**
 * eeprom_wish_of() - what @m shall have, as things are in @s
 * @builds:     asked where firmware is wanted by its day
 * @ret:        zeroed; the caller ends it in any case
 *
 * A machine's line counts more than a tag's, a tag's more than a board's. A machine whose console is to come
 * over the network has its line for that, where nobody says another.
 *
 * Return: 0, or -errno with a sentence: a line is none, or all of it does not fit into the EEPROM.
 */
MUST_CHECK int eeprom_wish_of(const struct site *s, const struct machine *m,
                              const struct eeprom_builds *builds, struct eeprom_wish *ret,
                              struct error *reterr);

/** eeprom_wish_each_change() - the lines that go ('-') and come ('+') between two configurations. */
void eeprom_wish_each_change(const char *before, const char *after,
                             void (*fn)(void *ctx, char sign, const char *line, size_t len), void *ctx);

/** eeprom_wish_is_same() - whether bootloaders read the same in both. */
bool eeprom_wish_is_same(const char *a, const char *b);

/** eeprom_wish_boot_order() - BOOT_ORDER that counts for @m in @config. */
uint32_t eeprom_wish_boot_order(const struct site *s, const struct machine *m, const char *config);

/** eeprom_wish_is_signed() - whether @m, configured so, starts only what has a signature. */
bool eeprom_wish_is_signed(const struct site *s, const struct machine *m, const char *config);

/* Whether lines, or firmware ("": none), can be wanted; 0 or -EINVAL with a sentence. */
MUST_CHECK int eeprom_wish_check_lines(const char *lines, struct error *reterr);
MUST_CHECK int eeprom_wish_check_firmware(const char *firmware, struct error *reterr);

/** eeprom_wish_needs_key() - whether @m, configured so, boots by a key in its EEPROM. */
bool eeprom_wish_needs_key(const struct site *s, const struct machine *m, const char *config);

/** eeprom_wish_takes_update() - whether a board so configured takes an update from the network; -EINVAL with
 * a sentence: it does not. */
MUST_CHECK int eeprom_wish_takes_update(const char *config, struct error *reterr);

/**
 * eeprom_wish_stranger() - a server in @config that @is_ours does not know
 *
 * Return: whether there is one; then @buf says which, as the line has it.
 */
bool eeprom_wish_stranger(const char *config, bool (*is_ours)(void *ctx, const struct ip_addr *ip), void *ctx,
                          char *buf, size_t size);
