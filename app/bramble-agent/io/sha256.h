/* SHA-256 of octets, by OpenSSL. Any thread may call it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"
#include "base/cleanup.h"

/* One that grows piece by piece. */
struct sha256;

struct sha256 *sha256_begin(void); /* NULL: out of memory */
void sha256_free(struct sha256 *h);
DEFINE_CLEANUP(struct sha256, sha256_free)
void sha256_add(struct sha256 *h, const void *data, size_t len);
void sha256_end(struct sha256 *h, uint8_t ret[static SHA256_SIZE]); /* nothing can be added any more */

void sha256_of(const void *data, size_t len, uint8_t ret[static SHA256_SIZE]);
