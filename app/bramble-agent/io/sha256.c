/* SHA-256; see sha256.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>

#include "app/bramble-agent/io/sha256.h"

void sha256_of(const void *data, size_t len, uint8_t ret[static SHA256_SIZE]) {
        if (EVP_Digest(data, len, ret, NULL, EVP_sha256(), NULL) != 1)
                abort(); /* cannot go on safely without it */
}

struct sha256 {
        EVP_MD_CTX *run;
};

struct sha256 *sha256_begin(void) {
        CLEANUP(sha256_free_at) struct sha256 *h = calloc(1, sizeof(*h));

        if (h)
                h->run = EVP_MD_CTX_new();
        return h && h->run && EVP_DigestInit_ex(h->run, EVP_sha256(), NULL) == 1 ? TAKE(h) : NULL;
}

void sha256_free(struct sha256 *h) {
        if (!h)
                return;
        EVP_MD_CTX_free(h->run);
        free(h);
}

void sha256_add(struct sha256 *h, const void *data, size_t len) {
        if (EVP_DigestUpdate(h->run, data, len) != 1)
                abort();
}

void sha256_end(struct sha256 *h, uint8_t ret[static SHA256_SIZE]) {
        if (EVP_DigestFinal_ex(h->run, ret, NULL) != 1)
                abort();
}
