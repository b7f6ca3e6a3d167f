/*
 * What published firmware of an EEPROM is filled with: a configuration, and other files as one text, a line
 * for each with its name and its octets in hex.
 *
 * A board that checks its boots keeps its key, its authority and the signature of its configuration there.
 * The text goes with an update from where it is ordered to who puts it together: a tree, or the agent. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/text.h"

#define EEPROM_PUBLIC_KEY "pubkey.bin"
#define EEPROM_CONFIG_SIGNATURE "bootconf.sig"
#define EEPROM_AUTHORITY "cacert.der"

/** eeprom_files_add() - append the line of one file; failure shows in @out. */
void eeprom_files_add(struct text *out, const char *name, const void *data, size_t len);

/** What an image is filled with; borrowed. */
struct eeprom_filling {
        const char *config; /* bootconf.txt */
        size_t config_len;
        const char *files; /* such a text */
        size_t files_len;
};

/**
 * eeprom_fill() - replace bootconf.txt and each of the files in an image
 *
 * Who orders an update and who serves it both do this: what is signed is what is written. Return: 0, -EINVAL
 * where a line is none or names another file than the three above, or as eeprom_put(): then @image may have
 * some of them.
 */
MUST_CHECK int eeprom_fill(void *image, size_t size, const struct eeprom_filling *f);
