/*
 * What an EEPROM image is filled with beside its configuration, as one text: a line for each file, its name
 * and its octets in hex.
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

enum { EEPROM_FILES_MAX = 3 * (2 * 4076 + 16) }; /* octets of such a text: each file in hex, and its name */

/** eeprom_files_add() - append the line of one file; failure shows in @out. */
void eeprom_files_add(struct text *out, const char *name, const void *data, size_t len);

/**
 * eeprom_files_put() - replace each file of @files in an image
 *
 * Return: 0, -EINVAL where a line is none or names another file than the three above, or as eeprom_put():
 * then @image may have some of them.
 */
MUST_CHECK int eeprom_files_put(void *image, size_t size, const char *files, size_t len);
