/*
 * What a machine is: one JSON object of the shape that LXD's API calls `resources`, and a part "board" for
 * what small boards have besides. See docs/agent.md.
 *
 * Reads the files of a tree and nothing else: a test lays out a machine of its own.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble-agent/io/tree.h"

/** inventory_read() - all parts into the object @ret. */
void inventory_read(const struct tree *t, json_t *ret);

/* The parts, each an object that the caller owns; NULL: out of memory. */
json_t *inventory_cpu(const struct tree *t);
json_t *inventory_memory(const struct tree *t);
json_t *inventory_network(const struct tree *t);
json_t *inventory_storage(const struct tree *t);
json_t *inventory_usb(const struct tree *t);
json_t *inventory_pci(const struct tree *t);
json_t *inventory_system(const struct tree *t);
json_t *inventory_board(const struct tree *t);
