/* Base64, decoded (OpenSSL). */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/** base64_decode() - new octets, NUL-terminated; NULL when it is no base64. */
void *base64_decode(const char *text, size_t *ret_len);
