/* What an order says of its own, with what holds where it says nothing. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/** wish_text() - borrowed from @wish, or @fallback. */
const char *wish_text(const json_t *wish, const char *member, const char *fallback);
bool wish_flag(const json_t *wish, const char *member, bool fallback);

/** wish_keys() - its authorized_keys, a reference of the caller's; an empty array where there are none. */
json_t *wish_keys(const json_t *wish);
