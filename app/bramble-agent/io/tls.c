/* TLS with a pinned certificate; see tls.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "app/bramble-agent/io/tls.h"

struct tls {
        const struct server_at *at;
        SSL_CTX *context;
        atomic_bool has_time;
};

static bool is_pinned(const X509 *certificate, const uint8_t pin[static SHA256_SIZE]) {
        uint8_t digest[EVP_MAX_MD_SIZE];
        unsigned len = 0;

        return X509_digest(certificate, EVP_sha256(), digest, &len) == 1 && len == SHA256_SIZE &&
               memcmp(digest, pin, SHA256_SIZE) == 0;
}

static X509 *find_pinned(X509_STORE_CTX *chain, const uint8_t pin[static SHA256_SIZE]) {
        STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(chain);

        for (int i = 0; i < sk_X509_num(sent); i++)
                if (is_pinned(sk_X509_value(sent, i), pin))
                        return sk_X509_value(sent, i);
        return NULL;
}

/* Called by OpenSSL in place of its own check: that check, with the pinned certificate as all that is
 * trusted. */
static int verify(X509_STORE_CTX *chain, void *arg) {
        const struct tls *t = arg;
        X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(chain);
        X509 *anchor = find_pinned(chain, t->at->ca);
        STACK_OF(X509) *trusted = sk_X509_new_null();

        if (!anchor || !trusted || !sk_X509_push(trusted, anchor)) {
                sk_X509_free(trusted);
                X509_STORE_CTX_set_error(chain, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
                return 0;
        }
        X509_STORE_CTX_set0_trusted_stack(chain, trusted);
        (void)X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
        if (!atomic_load(&t->has_time))
                (void)X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_NO_CHECK_TIME);
        int is_good = X509_verify_cert(chain);
        sk_X509_free(trusted);
        return is_good > 0;
}

int tls_new(const struct server_at *at, struct tls **ret, struct error *reterr) {
        CLEANUP(tls_free_at) struct tls *t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->at = at;
        t->context = SSL_CTX_new(TLS_client_method());
        if (!t->context || SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION) != 1)
                return error_set(reterr, -ENOMEM, "TLS cannot be set up: %s",
                                 ERR_reason_error_string(ERR_peek_last_error()));
        SSL_CTX_set_verify(t->context, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_cert_verify_callback(t->context, verify, t);
        *ret = TAKE(t);
        return 0;
}

void tls_free(struct tls *t) {
        if (!t)
                return;
        SSL_CTX_free(t->context);
        free(t);
}

void tls_trust_clock(struct tls *t) {
        atomic_store(&t->has_time, true);
}

struct ssl_st *tls_session(struct tls *t) {
        SSL *ssl = SSL_new(t->context);

        /* The certificate must be for the address that was asked, not just for some server of that CA. */
        if (ssl && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), t->at->address) != 1) {
                SSL_free(ssl);
                return NULL;
        }
        return ssl;
}
