/*
 * The keys that this rack signs boots with: a file each in `keys` of the state directory, private parts
 * sealed.
 *
 * Any thread may ask. It holds what it has in memory as it lies on disk: a private key is opened for one
 * signature and overwritten. Signing by a program of the operator's is here too (raspberry-pi.md section 5).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/bootfile.h"
#include "base/error.h"
#include "core/site/signing_key.h"

struct keyring;

/**
 * keyring_open() - the keys in @state_dir
 * @signers_dir: folder of the programs that may sign; NULL: none
 *
 * Return: 0, or -errno with a sentence; a file that makes no sense is an error, for what it was for would
 * not boot.
 */
MUST_CHECK int keyring_open(const char *state_dir, const char *signers_dir, struct keyring **ret,
                            struct error *reterr);
void keyring_free(struct keyring *k); /* NULL is a no-op */
DEFINE_CLEANUP(struct keyring, keyring_free)

/** keyring_keeper() - for the API. */
struct signing_key_keeper keyring_keeper(struct keyring *k);

/** keyring_find() - by name; "": the usual one, which is the oldest. -ENOKEY: there is none. */
MUST_CHECK int keyring_find(struct keyring *k, const char *name, struct signing_key *ret);

/**
 * keyring_sign() - sign a file
 * @digest:     its SHA-256
 * @ret:        RSA-2048, big-endian: 256 octets
 *
 * With a signer the file is written to disk for it, and its answer waited for.
 */
MUST_CHECK int keyring_sign(struct keyring *k, const struct signing_key *key, const struct boot_file *file,
                            const uint8_t digest[static SHA256_SIZE], uint8_t ret[static 256],
                            struct error *reterr);
