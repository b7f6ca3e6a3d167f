/* Making RSA keys; see rsa_new.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/rsa_new.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 2048 };

static inline void key_end(gnutls_x509_privkey_t *key) {
        if (*key)
                gnutls_x509_privkey_deinit(*key);
}

int rsa_key_make(char **ret_pem, struct error *reterr) {
        CLEANUP(key_end) gnutls_x509_privkey_t key = NULL;
        gnutls_datum_t pem = {};

        int r = gnutls_x509_privkey_init(&key);
        if (r >= 0)
                r = gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, BITS, 0);
        if (r >= 0)
                r = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem);
        if (r < 0)
                return error_set(reterr, -EIO, "no key could be made: %s", gnutls_strerror(r));
        *ret_pem = strndup((const char *)pem.data, pem.size);
        gnutls_memset(pem.data, 0, pem.size);
        gnutls_free(pem.data);
        return *ret_pem ? 0 : error_set(reterr, -ENOMEM, "out of memory");
}
