/* JSON strings of what strangers wrote: octets that are no UTF-8, which jansson takes none of. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include <jansson.h>

/** json_clean_text() - a string of @len octets; those that are no UTF-8, and control characters but newlines
 * and tabs, as '?'. NULL: out of memory. */
json_t *json_clean_text(const char *text, size_t len);
