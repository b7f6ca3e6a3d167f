/* SHA-256 by GnuTLS and random octets by the kernel; see crypto.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sys/random.h>

#include "io/crypto.h"

struct sha256 {
        gnutls_hash_hd_t hash;
};

struct sha256 *sha256_new(void) {
        struct sha256 *h = calloc(1, sizeof(*h));
        if (h && gnutls_hash_init(&h->hash, GNUTLS_DIG_SHA256) < 0) {
                free(h);
                return NULL;
        }
        return h;
}

void sha256_update(struct sha256 *h, const void *data, size_t len) {
        /* Fails only for a broken handle, which would be a bug of ours. */
        if (gnutls_hash(h->hash, data, len) < 0)
                abort();
}

void sha256_finish(struct sha256 *h, uint8_t ret[SHA256_SIZE]) {
        gnutls_hash_deinit(h->hash, ret);
        free(h);
}

void sha256_free(struct sha256 *h) {
        if (!h)
                return;
        gnutls_hash_deinit(h->hash, NULL);
        free(h);
}

void sha256_of(const void *data, size_t len, uint8_t ret[SHA256_SIZE]) {
        /* Both fail only without memory for a handle of some hundred octets, or in a GnuTLS that lacks
         * SHA-256. */
        if (gnutls_hash_fast(GNUTLS_DIG_SHA256, data, len, ret) < 0)
                abort();
}

void hmac_sha256(const void *key, size_t key_len, const void *data, size_t len, uint8_t ret[SHA256_SIZE]) {
        if (gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, key_len, data, len, ret) < 0)
                abort();
}

void random_octets(void *buf, size_t len) {
        uint8_t *at = buf;
        while (len > 0) {
                ssize_t n = getrandom(at, len, 0);
                if (n < 0 && errno != EINTR)
                        abort();
                if (n > 0) {
                        at += n;
                        len -= (size_t)n;
                }
        }
}

struct hash_key random_hash_key(void) {
        struct hash_key key;
        random_octets(&key, sizeof(key));
        return key;
}
