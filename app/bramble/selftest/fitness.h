/*
 * What can be tried with a machine, as it is registered now.
 *
 * Pure: a machine as the API has it goes in. Each appends a sentence to @out where the answer is no, with the
 * command that helps.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/text.h"

/** fitness_is_served() - whether it is given files when it asks for a boot, and may be switched off for that.
 */
bool fitness_is_served(const json_t *machine, struct text *out);

/** fitness_can_lose_image() - whether its image may be taken for the length of a boot, and given back. */
bool fitness_can_lose_image(const json_t *machine, struct text *out);
