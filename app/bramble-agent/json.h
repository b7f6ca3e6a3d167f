/*
 * Putting what a machine says of itself into JSON: what is not there is left out, and texts become UTF-8.
 *
 * Vendors write whatever they like into their EEPROMs; jansson takes only UTF-8. Out of memory, a field is
 * missing: the report says less, and nothing else happens.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "format/json_text.h"

/** json_put_text() - @text, octets that are no UTF-8 and control characters as '?'; nothing when it is empty.
 */
void json_put_text(json_t *object, const char *key, const char *text);
void json_put_number(json_t *object, const char *key, int64_t number);
void json_put_bool(json_t *object, const char *key, bool value);

/** json_put() - takes @value over; NULL and an empty list or object are left out. */
void json_put(json_t *object, const char *key, json_t *value);

/** json_text_of() - a member that is a string, else ""; borrowed. */
const char *json_text_of(const json_t *object, const char *key);

/** json_number_of() - a member that is a whole number from 0 to @max, else @other. */
uint64_t json_number_of(const json_t *object, const char *key, uint64_t max, uint64_t other);

static inline void json_decref_at(json_t **at) {
        json_decref(*at);
}
