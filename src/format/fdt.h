/*
 * Flattened device trees: enough to ask what a tree is for (Devicetree Specification 0.4, chapter 5).
 *
 * Pure and bounded; it reads, it does not change. What it returns points into the tree.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** fdt_root_property() - the value of a property of the root node, NULL when there is none or the tree is
 * broken. */
const void *fdt_root_property(const void *data, size_t len, const char *name, size_t *ret_len);

/** fdt_root_string() - a string property of the root ("model"); of a list ("compatible") string number @i.
 * NULL: there is none. */
const char *fdt_root_string(const void *data, size_t len, const char *name, size_t i);

/** fdt_has_node() - whether the root has a child of that name. */
bool fdt_has_node(const void *data, size_t len, const char *name);
