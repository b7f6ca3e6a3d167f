/* TLS without sockets; see tls.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        HOST_SIZE = 64,
        OUT_MAX = 8 * 1024,
        TEXT_MAX = 2 * 16 * 1024 /* one segment ends one large record at most, and a few small ones */
};

/* What the strings in its image name: TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256, AES-256-GCM-SHA384. */
#define PRIORITY \
        "NONE:+VERS-TLS1.2:+ECDHE-ECDSA:+AES-128-GCM:+AES-256-GCM:+AEAD:+SIGN-ECDSA-SHA256:" \
        "+SIGN-ECDSA-SHA384:+GROUP-SECP256R1:+GROUP-SECP384R1:+CTYPE-X509"

struct tls {
        gnutls_session_t session;
        gnutls_certificate_credentials_t believed;
        enum tls_state state;
        const char *why;
        char host[HOST_SIZE];
        const uint8_t *in; /* what is left of the octets in work */
        size_t in_len;
        uint8_t out[OUT_MAX], text[TEXT_MAX];
        size_t out_len, text_len;
};

static ssize_t pull(gnutls_transport_ptr_t ctx, void *buf, size_t size) {
        struct tls *t = ctx;
        const size_t n = t->in_len < size ? t->in_len : size;

        if (n == 0) {
                gnutls_transport_set_errno(t->session, EAGAIN);
                return -1;
        }
        memcpy(buf, t->in, n);
        t->in += n;
        t->in_len -= n;
        return (ssize_t)n;
}

static int is_there(gnutls_transport_ptr_t ctx, unsigned ms) {
        const struct tls *t = ctx;
        (void)ms;
        return t->in_len > 0;
}

static ssize_t push(gnutls_transport_ptr_t ctx, const void *octets, size_t len) {
        struct tls *t = ctx;

        if (len > OUT_MAX - t->out_len) {
                gnutls_transport_set_errno(t->session, ENOBUFS);
                return -1;
        }
        memcpy(t->out + t->out_len, octets, len);
        t->out_len += len;
        return (ssize_t)len;
}

static bool set_up(struct tls *t, const void *ca, size_t ca_len) {
        const gnutls_datum_t der = { .data = (unsigned char *)(uintptr_t)ca, .size = (unsigned)ca_len };

        if (gnutls_certificate_allocate_credentials(&t->believed) < 0 ||
            gnutls_certificate_set_x509_trust_mem(t->believed, &der, GNUTLS_X509_FMT_DER) != 1 ||
            gnutls_init(&t->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS) < 0 ||
            gnutls_priority_set_direct(t->session, PRIORITY, NULL) < 0 ||
            gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->believed) < 0)
                return false;
        gnutls_session_set_verify_cert(t->session, t->host, GNUTLS_VERIFY_DISABLE_TIME_CHECKS);
        gnutls_transport_set_ptr(t->session, t);
        gnutls_transport_set_pull_function(t->session, pull);
        gnutls_transport_set_pull_timeout_function(t->session, is_there);
        gnutls_transport_set_push_function(t->session, push);
        return true;
}

struct tls *tls_new(const void *ca, size_t ca_len, const char *host) {
        CLEANUP(tls_free_at) struct tls *t = calloc(1, sizeof(*t));

        if (!t)
                return NULL;
        (void)snprintf(t->host, sizeof(t->host), "%s", host);
        return set_up(t, ca, ca_len) ? TAKE(t) : NULL;
}

void tls_free(struct tls *t) {
        if (!t)
                return;
        if (t->session)
                gnutls_deinit(t->session);
        if (t->believed)
                gnutls_certificate_free_credentials(t->believed);
        free(t);
}

static void end(struct tls *t, int r) {
        const bool is_refused = r == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;

        t->state = TLS_BROKEN;
        if (is_refused && gnutls_session_get_verify_cert_status(t->session) & GNUTLS_CERT_UNEXPECTED_OWNER)
                t->why = "the server's certificate is for another address";
        else if (is_refused)
                t->why = "the server's certificate is not vouched for by cacert.der in its EEPROM";
        else
                t->why = "the server speaks no TLS that this firmware does";
}

static void read_text(struct tls *t) {
        while (t->text_len < TEXT_MAX) {
                ssize_t n = gnutls_record_recv(t->session, t->text + t->text_len, TEXT_MAX - t->text_len);
                if (n <= 0) {
                        if (n < 0 && gnutls_error_is_fatal((int)n))
                                end(t, (int)n);
                        return;
                }
                t->text_len += (size_t)n;
        }
}

enum tls_state tls_hear(struct tls *t, const void *octets, size_t len) {
        t->in = octets;
        t->in_len = len;
        t->text_len = 0;
        if (t->state == TLS_SHAKING) {
                const int r = gnutls_handshake(t->session);
                if (r == 0)
                        t->state = TLS_OPEN;
                else if (gnutls_error_is_fatal(r))
                        end(t, r);
        }
        if (t->state == TLS_OPEN)
                read_text(t);
        return t->state;
}

const char *tls_why(const struct tls *t) {
        return t->why;
}

const uint8_t *tls_text(const struct tls *t, size_t *ret_len) {
        *ret_len = t->text_len;
        return t->text;
}

void tls_write(struct tls *t, const void *octets, size_t len) {
        if (gnutls_record_send(t->session, octets, len) != (ssize_t)len)
                end(t, 0);
}

size_t tls_take(struct tls *t, uint8_t *buf, size_t size) {
        const size_t n = t->out_len < size ? t->out_len : size;

        memcpy(buf, t->out, n);
        memmove(t->out, t->out + n, t->out_len - n);
        t->out_len -= n;
        return n;
}
