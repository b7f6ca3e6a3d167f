/* RSA-2048 by GnuTLS; see rsa.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/rsa.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <string.h>

#include "base/writer.h"

enum { BITS = 8 * RSA_SIZE, EXPONENT_SIZE = RSA_PUBLIC_SIZE - RSA_SIZE };

struct rsa_key {
        gnutls_privkey_t private;
};

static inline void pubkey_end(gnutls_pubkey_t *key) {
        if (*key)
                gnutls_pubkey_deinit(*key);
}

static inline void datum_end(gnutls_datum_t *d) {
        gnutls_free(d->data);
}

static int check_size(int algorithm, unsigned bits, struct error *reterr) {
        if (algorithm != GNUTLS_PK_RSA)
                return error_set(reterr, -EINVAL, "the key is no RSA key, and the firmware knows no other");
        if (bits != BITS)
                return error_set(reterr, -EINVAL,
                                 "the key has %u bits, and the firmware knows only RSA of %u", bits, BITS);
        return 0;
}

void rsa_key_free(struct rsa_key *key) {
        if (!key)
                return;
        if (key->private)
                gnutls_privkey_deinit(key->private);
        free(key);
}

static int import_private(struct rsa_key *key, const void *pem, size_t len) {
        /* GnuTLS takes no const, and changes nothing. */
        const gnutls_datum_t text = { .data = (void *)(uintptr_t)pem, .size = (unsigned)len };
        const int r = gnutls_privkey_init(&key->private);

        return r < 0 ? r : gnutls_privkey_import_x509_raw(key->private, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
}

int rsa_key_read(const void *pem, size_t len, struct rsa_key **ret, struct error *reterr) {
        CLEANUP(rsa_key_free_at) struct rsa_key *key = calloc(1, sizeof(*key));
        unsigned bits = 0;

        if (!key)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (len > RSA_PEM_MAX)
                return error_set(reterr, -EINVAL, "it is too large for a key");
        int r = import_private(key, pem, len);
        if (r == GNUTLS_E_DECRYPTION_FAILED)
                return error_set(reterr, -EINVAL,
                                 "the private key has a passphrase: openssl pkey writes it without one");
        if (r < 0)
                return error_set(reterr, -EINVAL, "it holds no private key in PEM");
        r = gnutls_privkey_get_pk_algorithm(key->private, &bits);
        r = check_size(r, bits, reterr);
        if (r < 0)
                return r;
        *ret = TAKE(key);
        return 0;
}

int rsa_key_sign(const struct rsa_key *key, const uint8_t digest[static SHA256_SIZE],
                 uint8_t ret[static RSA_SIZE], struct error *reterr) {
        const gnutls_datum_t hash = { .data = (void *)(uintptr_t)digest, .size = SHA256_SIZE };
        CLEANUP(datum_end) gnutls_datum_t signature = {};

        const int r = gnutls_privkey_sign_hash(key->private, GNUTLS_DIG_SHA256, 0, &hash, &signature);
        if (r < 0 || signature.size != RSA_SIZE)
                return error_set(reterr, -EIO, "the key signs nothing: %s",
                                 r < 0 ? gnutls_strerror(r) : "its signature has a wrong length");
        memcpy(ret, signature.data, RSA_SIZE);
        return 0;
}

/* PKCS#1's own form of a public key, which GnuTLS reads only inside of X.509's: that is put around it. */
static int import_pkcs1(gnutls_pubkey_t key, const gnutls_datum_t *pem) {
        static const uint8_t rsa_oid[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                           0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
        CLEANUP(datum_end) gnutls_datum_t inner = {};
        uint8_t octets[1024];

        int r = gnutls_pem_base64_decode2("RSA PUBLIC KEY", pem, &inner);
        if (r < 0)
                return r;
        struct writer w = writer_of(octets, sizeof(octets));
        /* Lengths of two octets: a key of 2048 bits needs them, and others are refused anyway. */
        write_u16(&w, 0x3082);
        write_u16(&w, (uint16_t)(sizeof(rsa_oid) + 5 + inner.size));
        write_octets(&w, rsa_oid, sizeof(rsa_oid));
        write_u16(&w, 0x0382);
        write_u16(&w, (uint16_t)(inner.size + 1));
        write_u8(&w, 0); /* no bits are unused */
        write_octets(&w, inner.data, inner.size);
        if (w.full)
                return GNUTLS_E_ASN1_DER_ERROR;
        const gnutls_datum_t whole = { .data = octets, .size = (unsigned)writer_len(&w) };
        return gnutls_pubkey_import(key, &whole, GNUTLS_X509_FMT_DER);
}

static int import_from_private(gnutls_pubkey_t key, const gnutls_datum_t *pem) {
        CLEANUP(rsa_key_free_at) struct rsa_key *private = calloc(1, sizeof(*private));

        if (!private)
                return GNUTLS_E_MEMORY_ERROR;
        const int r = import_private(private, pem->data, pem->size);
        return r < 0 ? r : gnutls_pubkey_import_privkey(key, private->private, 0, 0);
}

static int import_public(gnutls_pubkey_t key, const void *pem, size_t len) {
        const gnutls_datum_t text = { .data = (void *)(uintptr_t)pem, .size = (unsigned)len };

        int r = gnutls_pubkey_import(key, &text, GNUTLS_X509_FMT_PEM);
        if (r < 0)
                r = import_pkcs1(key, &text);
        return r < 0 ? import_from_private(key, &text) : r;
}

static void put_backwards(uint8_t *to, const gnutls_datum_t *number) {
        for (unsigned i = 0; i < number->size; i++)
                to[i] = number->data[number->size - 1 - i];
}

int rsa_public_read(const void *pem, size_t len, uint8_t ret[static RSA_PUBLIC_SIZE], struct error *reterr) {
        CLEANUP(pubkey_end) gnutls_pubkey_t key = NULL;
        CLEANUP(datum_end) gnutls_datum_t modulus = {}, exponent = {};
        unsigned bits = 0;

        if (len > RSA_PEM_MAX)
                return error_set(reterr, -EINVAL, "it is too large for a key");
        if (gnutls_pubkey_init(&key) < 0)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (import_public(key, pem, len) < 0)
                return error_set(reterr, -EINVAL, "it holds no public key in PEM");
        int r = gnutls_pubkey_get_pk_algorithm(key, &bits);
        r = check_size(r, bits, reterr);
        if (r < 0)
                return r;
        r = gnutls_pubkey_export_rsa_raw2(key, &modulus, &exponent, GNUTLS_EXPORT_FLAG_NO_LZ);
        if (r < 0 || modulus.size > RSA_SIZE || exponent.size > EXPONENT_SIZE)
                return error_set(reterr, -EINVAL, "the firmware has no room for the exponent of the key");
        memset(ret, 0, RSA_PUBLIC_SIZE);
        put_backwards(ret, &modulus);
        put_backwards(ret + RSA_SIZE, &exponent);
        return 0;
}

bool rsa_public_verify(const uint8_t public_key[static RSA_PUBLIC_SIZE],
                       const uint8_t digest[static SHA256_SIZE], const uint8_t signature[static RSA_SIZE]) {
        CLEANUP(pubkey_end) gnutls_pubkey_t key = NULL;
        const gnutls_datum_t hash = { .data = (void *)(uintptr_t)digest, .size = SHA256_SIZE };
        const gnutls_datum_t given = { .data = (void *)(uintptr_t)signature, .size = RSA_SIZE };
        uint8_t modulus[RSA_SIZE], exponent[EXPONENT_SIZE];

        put_backwards(modulus, &(gnutls_datum_t){ (void *)(uintptr_t)public_key, RSA_SIZE });
        put_backwards(exponent,
                      &(gnutls_datum_t){ (void *)(uintptr_t)(public_key + RSA_SIZE), EXPONENT_SIZE });
        return gnutls_pubkey_init(&key) >= 0 &&
               gnutls_pubkey_import_rsa_raw(key, &(gnutls_datum_t){ modulus, RSA_SIZE },
                                            &(gnutls_datum_t){ exponent, EXPONENT_SIZE }) >= 0 &&
               gnutls_pubkey_verify_hash2(key, GNUTLS_SIGN_RSA_SHA256, 0, &hash, &given) >= 0;
}
