/* Fields of an inventory that are one file each: read from the tree, put into an object, left out when
 * absent. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble-agent/io/tree.h"
#include "base/cleanup.h"

/** field_text() - the file DIR/FILE as a text. */
void field_text(json_t *o, const char *key, const struct tree *t, const char *dir, const char *file);

/** field_number() - as a number, times @factor. */
void field_number(json_t *o, const char *key, const struct tree *t, const char *dir, const char *file,
                  int factor);

/** field_hex() - hexadecimal digits as they stand there, without 0x: ids of vendors and products. */
void field_hex(json_t *o, const char *key, const struct tree *t, const char *dir, const char *file);

/** field_link() - the last part of where a link leads: the name of a driver. */
void field_link(json_t *o, const char *key, const struct tree *t, const char *dir, const char *file);

/** field_addresses() - pci_address and usb_address of the nearest such device on the way to @dir, NUMA node.
 */
void field_addresses(json_t *o, const struct tree *t, const char *dir);
