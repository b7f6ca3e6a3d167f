/*
 * Keys that boots are signed with, as everybody may see them, and who keeps them.
 *
 * A private key is in no snapshot and in no database: it lies sealed in the state directory of the rack that
 * signs, or in hardware that a program of the operator's asks.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"
#include "base/error.h"

struct machine;

enum {
        SIGNING_KEY_NAME_MAX = 63,
        SIGNING_KEY_SIGNER_MAX = 63,
        SIGNING_KEY_PUBLIC_SIZE = 264, /* pubkey.bin */
        SIGNING_KEYS_MAX = 32
};

struct signing_key {
        char name[SIGNING_KEY_NAME_MAX + 1];
        uint8_t public_key[SIGNING_KEY_PUBLIC_SIZE];
        uint8_t hash[SHA256_SIZE];               /* of public_key: what a board's OTP would hold */
        char signer[SIGNING_KEY_SIGNER_MAX + 1]; /* the program that signs; "": it is kept here */
        int64_t created_s;                       /* Unix time */
};

/* May be asked from any thread; may wait. */
struct signing_key_keeper {
        void *ctx;

        /* All, the oldest first, which is the usual one; how many. */
        size_t (*list)(void *ctx, struct signing_key ret[static SIGNING_KEYS_MAX]);

        /* A new one: @private_pem the key, NULL: it is made here, or (@signer) it lies elsewhere and
         * @public_pem is its public part. 0, or -errno with a sentence. */
        int (*add)(void *ctx, const char *name, const char *private_pem, const char *signer,
                   const char *public_pem, struct signing_key *ret, struct error *reterr);
        int (*remove)(void *ctx, const char *name, struct error *reterr);

        /* The private key in PEM, the caller's; -ENOENT, -ENOKEY: it lies elsewhere. */
        int (*give)(void *ctx, const char *name, char **ret_pem, struct error *reterr);
};

/** signing_key_is_name() - letters, digits, "-", "_" and ".": also of a signer. */
bool signing_key_is_name(const char *name);

/** signing_key_find() - by name; "": the usual one, which is the oldest. false: there is none. */
bool signing_key_find(const struct signing_key_keeper *keeper, const char *name, struct signing_key *ret);

/**
 * signing_key_is_of() - whether the boots of @m are signed with @name
 * @usual:      the name of the usual key, the oldest; "": there is none
 *
 * A machine that names a key is booted with that one, one that requires trust and names none with the usual.
 */
bool signing_key_is_of(const struct machine *m, const char *name, const char *usual);
