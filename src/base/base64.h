/* Base64 (RFC 4648 section 4), padded. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/** base64_encode() - a new text; NULL: out of memory. */
char *base64_encode(const void *octets, size_t len);

/** base64_decode() - new octets, NUL-terminated behind the last one; NULL: it is no base64, or out of memory.
 */
void *base64_decode(const char *text, size_t *ret_len);
