/* The client against a server on loopback: whom it shows its credentials, what it takes, and when it gives
 * up. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http/client.h"
#include "net/http/server.h"

/* Answers with what was seen of the request. */
static void answer(void *ctx, const struct http_request *r, struct http_answer *ret, uint64_t *tag) {
        const char *who = http_request_header(r, "Authorization"),
                   *match = http_request_header(r, "If-Match");

        (void)ctx;
        *tag = 0;
        if (strcmp(r->path, "/moved") == 0) {
                ret->status = 302;
                (void)snprintf(ret->location, sizeof(ret->location), "/echo");
        }
        (void)snprintf(ret->etag, sizeof(ret->etag), "\"v1\"");
        assert_true(asprintf(&ret->body, "%s %s [%s] [%s] %s", r->method, r->path, who ? who : "",
                             match ? match : "", r->body ? (const char *)r->body : "") >= 0);
        ret->body_len = strlen(ret->body);
        ret->content_type = "text/plain";
}

static int start(void **state) {
        static const struct http_backend backend = { .answer = answer };
        const struct http_config config = { .listen_fd = -1,
                                            .connections_max = 16,
                                            .timeout_s = 10,
                                            .body_max = 1024,
                                            .threads_per_connection = true };
        return http_server_start(&config, &backend, NULL, (struct http_server **)state, NULL);
}

static int stop(void **state) {
        http_server_stop(*state);
        return 0;
}

static int call(const struct http_target *target, const struct http_call *c, struct http_reply *ret,
                struct error *err) {
        CLEANUP(http_client_free_at) struct http_client *client = NULL;

        assert_int_equal(http_client_new(target, &client, NULL), 0);
        return http_client_call(client, c, ret, err);
}

static void shows_its_credentials(void **state) {
        static const struct {
                enum http_auth auth;
                const char *seen;
        } rows[] = {
                { HTTP_AUTH_NONE, "PUT /on [] [\"v0\"] {}" },
                { HTTP_AUTH_BASIC, "PUT /on [Basic YWRtaW46c2VjcmV0] [\"v0\"] {}" },
                { HTTP_AUTH_BEARER, "PUT /on [Bearer secret] [\"v0\"] {}" },
                { HTTP_AUTH_DIGEST, "PUT /on [] [\"v0\"] {}" }, /* not before it is asked to */
        };
        const char *const headers[] = { "If-Match: \"v0\"", NULL };
        char url[64];

        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", http_server_port(*state));
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(http_reply_clear) struct http_reply reply = {};
                const struct http_target target = {
                        .url = url, .auth = rows[i].auth, .user = "admin", .secret = "secret"
                };
                const struct http_call c = { .method = "PUT",
                                             .path = "/on",
                                             .headers = headers,
                                             .body = "{}",
                                             .body_len = 2,
                                             .content_type = "application/json" };
                struct error err = {};

                if (call(&target, &c, &reply, &err) < 0)
                        fail_msg("%s", err.text);
                assert_string_equal(reply.body, rows[i].seen);
                assert_string_equal(reply.etag, "\"v1\"");
                assert_string_equal(reply.content_type, "text/plain");
        }
}

static void follows_nobody(void **state) {
        CLEANUP(http_reply_clear) struct http_reply reply = {};
        char url[64];

        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/moved", http_server_port(*state));
        assert_int_equal(call(&(struct http_target){ .url = url },
                              &(struct http_call){ .method = "GET", .path = "" }, &reply, NULL),
                         0);
        assert_int_equal(reply.status, 302);
}

static void takes_no_more_than_it_was_told(void **state) {
        const struct http_call c = { .method = "GET", .path = "/a-path-that-is-sent-back", .body_max = 16 };
        struct http_reply reply = {};
        struct error err = {};
        char url[64];

        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", http_server_port(*state));
        assert_int_equal(call(&(struct http_target){ .url = url }, &c, &reply, &err), -EFBIG);
}

static void says_who_is_not_there(void **state) {
        static const struct {
                const char *url;
                int code;
                const char *sentence;
        } rows[] = {
                { "http://127.0.0.1:1/secret?password=x", -ECONNREFUSED,
                  "cannot connect to http://127.0.0.1:1: Connection refused" },
                { "http://no-such-host.invalid/x", -EHOSTUNREACH,
                  "nobody knows the address of http://no-such-host.invalid" },
                { "ftp://127.0.0.1:1/x", -EPROTO,
                  "the connection to ftp://127.0.0.1:1 broke: Unsupported protocol" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct http_reply reply = {};
                struct error err = {};
                assert_int_equal(call(&(struct http_target){ .url = rows[i].url },
                                      &(struct http_call){ .method = "GET", .path = "" }, &reply, &err),
                                 rows[i].code);
                assert_string_equal(err.text, rows[i].sentence);
        }
}

/* It connects, because the kernel does that alone, and then nobody is there. */
static void waits_so_long_and_no_longer(void **state) {
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t len = sizeof(at);
        struct http_reply reply = {};
        struct error err = {};
        char url[64];
        (void)state;

        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", ntohs(at.sin_port));
        assert_int_equal(call(&(struct http_target){ .url = url },
                              &(struct http_call){ .method = "GET", .path = "/", .timeout_ms = 100 }, &reply,
                              &err),
                         -ETIMEDOUT);
        (void)close(fd);
}

static void test_signs_of_life_keep_a_stream(void **state) {
        struct http_idle idle = {};
        uint64_t octets = 200, now_ms = 1000;
        (void)state;

        /* Three octets every 5 s, as a stream without events has them, for ten minutes. */
        for (unsigned s = 0; s < 600; s++, now_ms += 1000) {
                octets += s % 5 == 4 ? 3 : 0;
                assert_false(http_idle_is_over(&idle, octets, now_ms, 60));
        }
}

static void test_silence_ends_a_call(void **state) {
        static const struct {
                uint64_t octets, now_ms;
                bool is_over;
        } rows[] = {
                { 0, 5000, false },  /* the clock starts with the first look */
                { 0, 34999, false }, /* nothing yet */
                { 1, 34999, false }, /* one octet is enough to begin anew */
                { 1, 64998, false }, /* just short of it */
                { 1, 64999, true },  /* nothing for 30 s */
                { 2, 64999, false }, /* were it asked again after more came */
        };
        struct http_idle idle = {};
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                assert_int_equal(http_idle_is_over(&idle, rows[i].octets, rows[i].now_ms, 30),
                                 rows[i].is_over);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(shows_its_credentials),
                cmocka_unit_test(follows_nobody),
                cmocka_unit_test(takes_no_more_than_it_was_told),
                cmocka_unit_test(says_who_is_not_there),
                cmocka_unit_test(waits_so_long_and_no_longer),
                cmocka_unit_test(test_signs_of_life_keep_a_stream),
                cmocka_unit_test(test_silence_ends_a_call),
        };
        return cmocka_run_group_tests(tests, start, stop);
}
