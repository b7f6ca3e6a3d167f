/* Hashes that need no key material: SipHash-2-4 for tables that strangers fill, CRC-32C for records on disk,
 * CRC-32 for other people's formats. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hash_key {
        uint64_t k0, k1; /* random, drawn once at start: strangers must not be able to choose collisions */
};

/** hash_siphash() - SipHash-2-4 of @len octets (Aumasson and Bernstein, 2012). */
uint64_t hash_siphash(struct hash_key key, const void *data, size_t len);

/** hash_crc32c() - CRC-32C (Castagnoli, RFC 3720 appendix B.4) of @len octets; start with @crc 0, chain by
 * passing the last result. */
uint32_t hash_crc32c(uint32_t crc, const void *data, size_t len);

/** hash_crc32() - CRC-32 as in zip, GPT and U-Boot, bit by bit: for headers and small files. */
uint32_t hash_crc32(const void *data, size_t len);
