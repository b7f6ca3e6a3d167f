/*
 * Secrets at rest: sealed with a key that lies beside them, or that systemd hands over (AES-256-GCM; GnuTLS).
 *
 * It keeps a copied database, a backup or a lost disk image without the key from giving them away; it is no
 * protection from who reads all of the state directory.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { SEAL_KEY_SIZE = 32, SEAL_EXTRA = 12 + 16 /* octets that sealing adds: nonce and tag */ };

struct seal_key {
        uint8_t octets[SEAL_KEY_SIZE];
};

/**
 * seal_key_load() - the key in the file @path (mode 0600), made when there is none
 * @credential: the name of a systemd credential that counts instead where the service has it
 *
 * Return: 0, or -errno with a sentence.
 */
MUST_CHECK int seal_key_load(const char *path, const char *credential, struct seal_key *ret,
                             struct error *reterr);

/**
 * seal_octets() - seal @len octets into @ret of @len + SEAL_EXTRA
 * @about:      what it is, which opening must say again: one secret cannot be put in the place of another
 */
MUST_CHECK int seal_octets(const struct seal_key *key, const char *about, const void *data, size_t len,
                           uint8_t *ret);

/** seal_open() - the opposite, into @ret of @len - SEAL_EXTRA; 0, or -EBADMSG: another key, or changed. */
MUST_CHECK int seal_open(const struct seal_key *key, const char *about, const void *sealed, size_t len,
                         void *ret);

/** seal_forget() - overwrite what was secret. */
void seal_forget(void *data, size_t len);
