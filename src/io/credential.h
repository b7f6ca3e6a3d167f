/*
 * Certificates with their keys (RFC 5280; GnuTLS): an authority of our own, and servers that it vouches for.
 *
 * Keys are ECDSA on P-256, which firmware understands. A credential never changes once it is made: threads
 * share it by reference.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/abstract.h>

#include "base/bootfile.h"
#include "base/cleanup.h"
#include "base/error.h"

struct credential;

struct credential *credential_take(struct credential *c);
void credential_drop(struct credential *c); /* NULL is a no-op */
DEFINE_CLEANUP(struct credential, credential_drop)

/**
 * credential_make_authority() - a new one, good for ever
 *
 * It has no beginning and no end that a clock could be wrong about: it is trusted by its hash, and goes when
 * its file does. Return: 0, or -errno with a sentence.
 */
MUST_CHECK int credential_make_authority(struct credential **ret, struct error *reterr);

/* What a server is asked for by. */
struct credential_names {
        const uint32_t *addrs; /* IPv4, host byte order */
        size_t n_addrs;
        const char *host; /* beside the addresses; NULL: none */
};

/**
 * credential_make_server() - for whoever is asked by these names
 * @from_s:     Unix time, as @until_s
 *
 * Return: 0, or -errno with a sentence.
 */
MUST_CHECK int credential_make_server(const struct credential *authority,
                                      const struct credential_names *names, int64_t from_s, int64_t until_s,
                                      struct credential **ret, struct error *reterr);

/** credential_load() - an authority from a file; 0, -ENOENT without words, or -errno with a sentence. */
MUST_CHECK int credential_load(const char *path, struct credential **ret, struct error *reterr);

/** credential_save() - key and certificate (PEM) into one file, mode 0600, whole or not at all. */
MUST_CHECK int credential_save(const struct credential *c, const char *path, struct error *reterr);

/** credential_hash() - SHA-256 of its certificate (DER): what `bramble.ca=` names. */
void credential_hash(const struct credential *c, uint8_t ret[static SHA256_SIZE]);

/** credential_pem() - its certificate alone; the caller's. NULL: out of memory. */
char *credential_pem(const struct credential *c);

/** credential_give() - copies for one handshake, which GnuTLS frees: its certificate and those above it. 0 or
 * -ENOMEM. */
MUST_CHECK int credential_give(const struct credential *c, gnutls_pcert_st **certificates, unsigned *n,
                               gnutls_privkey_t *key);
