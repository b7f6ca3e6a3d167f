/*
 * RSA-2048 as Raspberry Pi's firmware wants it (GnuTLS): keys from PEM, signatures over SHA-256 by PKCS#1
 * v1.5.
 *
 * No other size and no other algorithm: the firmware has none.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"
#include "base/cleanup.h"
#include "base/error.h"

enum {
        RSA_SIZE = 256,                 /* octets of the modulus, and of a signature */
        RSA_PUBLIC_SIZE = RSA_SIZE + 8, /* pubkey.bin: the modulus and the exponent, each little-endian */
        RSA_PEM_MAX = 64 * 1024         /* octets of a file that is read as a key */
};

struct rsa_key;

/** rsa_key_read() - a private key in PEM, PKCS#1 or PKCS#8, without a passphrase; 0, or -errno with a
 * sentence. */
MUST_CHECK int rsa_key_read(const void *pem, size_t len, struct rsa_key **ret, struct error *reterr);
void rsa_key_free(struct rsa_key *key);
DEFINE_CLEANUP(struct rsa_key, rsa_key_free)

/** rsa_key_sign() - the signature over what has this digest, big-endian; 0, or -errno with a sentence. */
MUST_CHECK int rsa_key_sign(const struct rsa_key *key, const uint8_t digest[static SHA256_SIZE],
                            uint8_t ret[static RSA_SIZE], struct error *reterr);

/**
 * rsa_public_read() - the public part as pubkey.bin has it
 * @pem:        a public key (PUBLIC KEY or RSA PUBLIC KEY), or a private one that it is taken from
 *
 * Return: 0, or -errno with a sentence.
 */
MUST_CHECK int rsa_public_read(const void *pem, size_t len, uint8_t ret[static RSA_PUBLIC_SIZE],
                               struct error *reterr);

/** rsa_public_verify() - whether @signature is the key's, over what has this digest. */
bool rsa_public_verify(const uint8_t public_key[static RSA_PUBLIC_SIZE],
                       const uint8_t digest[static SHA256_SIZE], const uint8_t signature[static RSA_SIZE]);
