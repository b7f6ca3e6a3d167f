/* Scripts that an agent runs: those it brings along, by name, and an operator's own, whole. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "base/error.h"

enum { SCRIPT_TIMEOUT_S_DEFAULT = 3600, SCRIPT_TIMEOUT_S_MAX = 7 * 24 * 3600 };

/**
 * script_check() - whether an item of an order's list is a script
 *
 * Either a text, the name of one that the agent brings along, or {"name", "body_base64"} with "timeout_s" and
 * "parameters", which may be left out.
 * Return: 0 or -EINVAL with a sentence.
 */
MUST_CHECK int script_check(const json_t *item, struct error *reterr);

/**
 * script_list() - the list as a task has it
 * @wished:     the order's; NULL or null: all that the agent brings along
 *
 * Return: a new array, or NULL: out of memory.
 */
json_t *script_list(const json_t *wished);
