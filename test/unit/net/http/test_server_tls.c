/* The HTTP server behind TLS, on loopback: what it shows, to whom, and a question that waits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "io/credential.h"
#include "net/http/server.h"

enum { SIZE = 300 * 1024, KEY = 7 };

struct world {
        struct credential *authority, *first, *second;
        struct http_server *server;
        struct boot_file *file;
        atomic_bool has_happened;
};

static void answer(void *ctx, const struct http_request *r, struct http_answer *ret, uint64_t *tag) {
        struct world *w = ctx;

        *tag = 0;
        assert_true(r->is_secret);
        if (strcmp(r->path, "/file") == 0)
                ret->file = boot_file_take(w->file);
        else if (strcmp(r->path, "/wait") == 0 && !w->has_happened && r->waited_ms < 20000)
                *ret = (struct http_answer){ .wait_ms = 20000, .wait_key = KEY };
        else
                ret->status = strcmp(r->path, "/wait") == 0 ? 204 : 404;
}

static const struct http_backend backend = { .answer = answer };

static struct credential *make_server(const struct credential *authority) {
        static const uint32_t here = 0x7f000001;
        const struct credential_names names = { .addrs = &here, .n_addrs = 1 };
        const int64_t now_s = time(NULL);
        struct credential *c = NULL;
        struct error error;
        assert_int_equal(credential_make_server(authority, &names, now_s - 60, now_s + 3600, &c, &error), 0);
        return c;
}

static void begin(struct world *w) {
        struct http_config config = {
                .listen_fd = -1, .connections_max = 64, .timeout_s = 30, .n_threads = 2
        };
        CLEANUP(free_at) char *octets = calloc(1, SIZE);
        struct error error;

        for (size_t i = 0; i < SIZE; i++)
                octets[i] = (char)(i * 31 + i / 256);
        w->file = boot_file_of_octets(octets, SIZE);
        assert_int_equal(credential_make_authority(&w->authority, &error), 0);
        w->first = make_server(w->authority);
        w->second = make_server(w->authority);
        config.credential = w->first;
        assert_int_equal(http_server_start(&config, &backend, w, &w->server, &error), 0);
}

static void end(struct world *w) {
        http_server_stop(w->server);
        boot_file_drop(w->file);
        credential_drop(w->first);
        credential_drop(w->second);
        credential_drop(w->authority);
}

struct client {
        int fd;
        gnutls_session_t session;
        gnutls_certificate_credentials_t trust;
};

/* @versions: as GnuTLS' priorities; gives the handshake's end. */
static int dial(const struct world *w, const char *versions, struct client *ret) {
        const struct sockaddr_in to = { .sin_family = AF_INET,
                                        .sin_port = htons(http_server_port(w->server)),
                                        .sin_addr = { htonl(INADDR_LOOPBACK) } };
        CLEANUP(free_at) char *pem = credential_pem(w->authority);
        gnutls_datum_t anchor = { .data = (unsigned char *)pem, .size = (unsigned)strlen(pem) };
        int r;

        ret->fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(ret->fd, (const struct sockaddr *)&to, sizeof(to)), 0);
        assert_int_equal(gnutls_certificate_allocate_credentials(&ret->trust), 0);
        assert_int_equal(gnutls_certificate_set_x509_trust_mem(ret->trust, &anchor, GNUTLS_X509_FMT_PEM), 1);
        assert_int_equal(gnutls_init(&ret->session, GNUTLS_CLIENT), 0);
        assert_int_equal(gnutls_priority_set_direct(ret->session, versions, NULL), 0);
        assert_int_equal(gnutls_credentials_set(ret->session, GNUTLS_CRD_CERTIFICATE, ret->trust), 0);
        gnutls_session_set_verify_cert(ret->session, "127.0.0.1", 0);
        gnutls_transport_set_int(ret->session, ret->fd);
        while ((r = gnutls_handshake(ret->session)) < 0 && !gnutls_error_is_fatal(r))
                ;
        return r;
}

static void hang_up(struct client *c) {
        gnutls_deinit(c->session);
        gnutls_certificate_free_credentials(c->trust);
        (void)close(c->fd);
}

static void say(struct client *c, const char *text) {
        assert_int_equal(gnutls_record_send(c->session, text, strlen(text)), strlen(text));
}

/* Until the head and @body_len octets behind it are there. */
static struct text hear(struct client *c, size_t body_len) {
        struct text got = {};
        char buf[16384];

        for (;;) {
                const char *blank = got.octets ? strstr(got.octets, "\r\n\r\n") : NULL;
                if (blank && got.len - (size_t)(blank + 4 - got.octets) >= body_len)
                        return got;
                ssize_t n = gnutls_record_recv(c->session, buf, sizeof(buf));
                if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
                        continue; /* of TLS 1.3's own */
                assert_true(n > 0);
                text_append_octets(&got, buf, (size_t)n);
        }
}

#define ANY "NORMAL"
#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static void serves_what_http_serves(void **state) {
        static const char *const versions[] = { ANY, "NORMAL:-VERS-ALL:+VERS-TLS1.2" };
        struct world w = {};
        (void)state;

        begin(&w);
        for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
                struct client c;
                assert_int_equal(dial(&w, versions[i], &c), 0);
                say(&c, GET("/file"));
                struct text got = hear(&c, SIZE);
                assert_true(text_starts_with(got.octets, "HTTP/1.1 200"));
                const char *body = strstr(got.octets, "\r\n\r\n") + 4;
                for (size_t k = 0; k < SIZE; k++)
                        if (body[k] != (char)(k * 31 + k / 256))
                                fail_msg("octet %zu", k);
                text_free(&got);
                hang_up(&c);
        }
        end(&w);
}

static void refuses_what_is_broken(void **state) {
        struct world w = {};
        struct client c;
        (void)state;

        begin(&w);
        assert_true(dial(&w, "NORMAL:-VERS-ALL:+VERS-TLS1.1", &c) < 0);
        hang_up(&c);
        end(&w);
}

static void a_question_waits_without_a_thread(void **state) {
        struct world w = {};
        struct client c[4];
        (void)state;

        begin(&w);
        for (size_t i = 0; i < ARRAY_LEN(c); i++) {
                assert_int_equal(dial(&w, ANY, &c[i]), 0);
                say(&c[i], GET("/wait"));
        }
        while (http_server_waiting(w.server) < ARRAY_LEN(c))
                (void)sched_yield();
        w.has_happened = true;
        http_server_wake(w.server, KEY);
        for (size_t i = 0; i < ARRAY_LEN(c); i++) {
                struct text got = hear(&c[i], 0);
                assert_true(text_starts_with(got.octets, "HTTP/1.1 204"));
                text_free(&got);
                hang_up(&c[i]);
        }
        end(&w);
}

static gnutls_datum_t shown(const struct client *c) {
        unsigned n = 0;
        const gnutls_datum_t *chain = gnutls_certificate_get_peers(c->session, &n);
        assert_int_equal(n, 2); /* who pins the authority must be shown it */
        return chain[0];
}

static void a_fresh_certificate_ends_no_connection(void **state) {
        struct world w = {};
        struct client before, after;
        (void)state;

        begin(&w);
        assert_int_equal(dial(&w, ANY, &before), 0);
        http_server_set_credential(w.server, w.second);
        assert_int_equal(dial(&w, ANY, &after), 0);
        const gnutls_datum_t first = shown(&before), second = shown(&after);
        assert_true(first.size != second.size || memcmp(first.data, second.data, first.size) != 0);
        say(&before, GET("/none"));
        struct text got = hear(&before, 0);
        assert_true(text_starts_with(got.octets, "HTTP/1.1 404"));
        text_free(&got);
        hang_up(&before);
        hang_up(&after);
        end(&w);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(serves_what_http_serves),
                cmocka_unit_test(refuses_what_is_broken),
                cmocka_unit_test(a_question_waits_without_a_thread),
                cmocka_unit_test(a_fresh_certificate_ends_no_connection),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
