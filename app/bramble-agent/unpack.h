/* Octets that somebody packed: gzip, xz or zstd, told by their first octets; others are taken as they are.
 * Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

/** unpack_octets() - a new copy, unpacked; NULL when it is broken, longer than @max, or out of memory. */
void *unpack_octets(const void *data, size_t len, size_t max, size_t *ret_len);
