/* What needs a library's trust: SHA-256 and HMAC (GnuTLS) and random octets (the kernel's). Keys and TLS come
 * with the steps that need them. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"
#include "base/cleanup.h"
#include "base/hash.h"

struct sha256;

struct sha256 *sha256_new(void); /* NULL: out of memory */
void sha256_update(struct sha256 *h, const void *data, size_t len);
void sha256_finish(struct sha256 *h, uint8_t ret[SHA256_SIZE]); /* and free */
void sha256_free(struct sha256 *h);                             /* without a result */
DEFINE_CLEANUP(struct sha256, sha256_free)

/** sha256_of() - of one piece. */
void sha256_of(const void *data, size_t len, uint8_t ret[SHA256_SIZE]);

/** hmac_sha256() - RFC 2104, with SHA-256. */
void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, uint8_t ret[SHA256_SIZE]);

void random_octets(void *buf, size_t len); /* aborts when the kernel gives none: nothing could go on safely */
struct hash_key random_hash_key(void);
