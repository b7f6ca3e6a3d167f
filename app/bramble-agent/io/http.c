/* HTTP over libevent's evhttp; see http.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "app/bramble-agent/io/http.h"
#include "app/bramble-agent/io/tls.h"

enum { IDLE_DEFAULT_S = 30, GLANCE_MS = 200, HTTP_PARTIAL = 206 };

struct http {
        struct event_base *base;
        const struct server_at *at;
        struct tls *tls;
        struct evhttp_connection *connection;
        struct event *breaker; /* ends what may not be ended from inside a callback of libevent's */
        bool is_busy, is_closed, is_broken;
        char why[160];
        struct http_ask ask; /* the open one; its strings are the caller's and not looked at any more */
        void (*done)(void *ctx, const struct http_answer *answer);
        void *ctx;
};

static void drop_connection(struct http *h) {
        if (h->connection)
                evhttp_connection_free(h->connection);
        h->connection = NULL;
        h->is_closed = false;
}

static void finish(struct http *h, const struct http_answer *answer) {
        h->is_busy = false;
        h->done(h->ctx, answer);
}

static void fail(struct http *h) {
        const struct http_answer none = { .why = h->why, .body = "" };
        finish(h, &none);
}

/* The connection is left behind with all that was still to come of it. */
static void on_break(evutil_socket_t fd, short what, void *ctx) {
        struct http *h = ctx;

        (void)fd;
        (void)what;
        if (!h->is_busy || !h->is_broken)
                return;
        drop_connection(h);
        fail(h);
}

static void break_off(struct http *h, const char *why) {
        if (h->is_broken)
                return;
        h->is_broken = true;
        (void)snprintf(h->why, sizeof(h->why), "%s", why);
        event_active(h->breaker, EV_TIMEOUT, 0);
}

static void on_close(struct evhttp_connection *connection, void *ctx) {
        struct http *h = ctx;

        (void)connection;
        h->is_closed = true;
}

static const char *const reasons[] = {
        [EVREQ_HTTP_TIMEOUT] = "no answer in time",
        [EVREQ_HTTP_EOF] = "the connection ended too soon",
        [EVREQ_HTTP_INVALID_HEADER] = "the answer is no HTTP",
        [EVREQ_HTTP_BUFFER_ERROR] = "the connection broke",
        [EVREQ_HTTP_REQUEST_CANCEL] = "given up",
        [EVREQ_HTTP_DATA_TOO_LONG] = "the answer is too long",
};

static void on_error(enum evhttp_request_error error, void *ctx) {
        struct http *h = ctx;

        if (!h->is_broken)
                (void)snprintf(h->why, sizeof(h->why), "%s",
                               (unsigned)error < ARRAY_LEN(reasons) ? reasons[error]
                                                                    : "the connection failed");
}

static bool has_wanted_status(const struct http *h, const struct evhttp_request *request) {
        int status = evhttp_request_get_response_code(request);
        return status == (h->ask.range_len > 0 ? HTTP_PARTIAL : HTTP_OK);
}

/* Pieces leave the buffer as they come. Those of an error's page are thrown away: nobody reads it. */
static void on_piece(struct evhttp_request *request, void *ctx) {
        struct http *h = ctx;
        struct evbuffer *in = evhttp_request_get_input_buffer(request);
        struct evbuffer_iovec pieces[8];

        while (has_wanted_status(h, request) && !h->is_broken && evbuffer_get_length(in) > 0) {
                int n = evbuffer_peek(in, -1, NULL, pieces, ARRAY_LEN(pieces));
                size_t taken = 0;
                for (int i = 0; i < n && i < (int)ARRAY_LEN(pieces) && !h->is_broken; i++) {
                        if (h->ask.take(h->ask.take_ctx, pieces[i].iov_base, pieces[i].iov_len) != 0)
                                break_off(h, "given up");
                        taken += pieces[i].iov_len;
                }
                (void)evbuffer_drain(in, taken);
        }
        if (evbuffer_get_length(in) > 0)
                (void)evbuffer_drain(in, evbuffer_get_length(in));
}

static void why_tls(struct http *h) {
        unsigned long code = bufferevent_get_openssl_error(evhttp_connection_get_bufferevent(h->connection));

        if (code == 0)
                return;
        if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED)
                (void)snprintf(h->why, sizeof(h->why),
                               "its certificate is not vouched for by the one that bramble.ca= names");
        else
                (void)snprintf(h->why, sizeof(h->why), "TLS: %s", ERR_reason_error_string(code));
}

static void on_done(struct evhttp_request *request, void *ctx) {
        struct http *h = ctx;

        if (h->is_broken)
                return; /* the breaker tells */
        int status = request ? evhttp_request_get_response_code(request) : 0;
        if (status == 0) {
                if (h->tls)
                        why_tls(h);
                h->is_broken = true; /* whatever this connection is in, the next question begins anew */
                event_active(h->breaker, EV_TIMEOUT, 0);
                return;
        }
        struct evbuffer *in = evhttp_request_get_input_buffer(request);
        size_t len = evbuffer_get_length(in);
        (void)evbuffer_add(in, "", 1);
        const struct http_answer answer = { .status = (unsigned)status,
                                            .why = "",
                                            .body = (const char *)evbuffer_pullup(in, -1),
                                            .len = len };
        finish(h, &answer);
}

static struct bufferevent *make_stream(struct http *h) {
        if (!h->tls)
                return bufferevent_socket_new(h->base, -1, BEV_OPT_CLOSE_ON_FREE);
        SSL *ssl = tls_session(h->tls);
        struct bufferevent *b =
                ssl ? bufferevent_openssl_socket_new(h->base, -1, ssl, BUFFEREVENT_SSL_CONNECTING,
                                                     BEV_OPT_CLOSE_ON_FREE)
                    : NULL;
        if (!b)
                SSL_free(ssl);
        else
                bufferevent_openssl_set_allow_dirty_shutdown(b, 1); /* lengths are known by Content-Length */
        return b;
}

static int make_connection(struct http *h) {
        struct bufferevent *b = make_stream(h);

        if (!b)
                return -ENOMEM;
        h->connection = evhttp_connection_base_bufferevent_new(h->base, NULL, b, h->at->address, h->at->port);
        if (!h->connection) {
                bufferevent_free(b);
                return -ENOMEM;
        }
        evhttp_connection_set_closecb(h->connection, on_close, h);
        evhttp_connection_set_max_headers_size(h->connection, 16 * 1024);
        return 0;
}

struct http *http_new(struct event_base *base, const struct server_at *at, struct tls *tls) {
        CLEANUP(http_free_at) struct http *h = calloc(1, sizeof(*h));

        if (!h)
                return NULL;
        h->base = base;
        h->at = at;
        h->tls = tls;
        h->breaker = event_new(base, -1, 0, on_break, h);
        return h->breaker ? TAKE(h) : NULL;
}

void http_free(struct http *h) {
        if (!h)
                return;
        h->is_broken = true; /* libevent tells an open request that it ends: nobody wants to hear it */
        drop_connection(h);
        if (h->breaker)
                event_free(h->breaker);
        free(h);
}

static int add_headers(struct http *h, struct evhttp_request *request, const struct http_ask *ask) {
        struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
        char text[96];

        (void)snprintf(text, sizeof(text), strchr(h->at->address, ':') ? "[%s]:%u" : "%s:%u", h->at->address,
                       h->at->port);
        int r = evhttp_add_header(headers, "Host", text);
        r |= evhttp_add_header(headers, "User-Agent", "bramble-agent/" BRAMBLE_VERSION);
        if (ask->body)
                r |= evhttp_add_header(headers, "Content-Type", "application/json");
        if (ask->range_len > 0) {
                (void)snprintf(text, sizeof(text), "bytes=%llu-%llu", (unsigned long long)ask->range_first,
                               (unsigned long long)(ask->range_first + ask->range_len - 1));
                r |= evhttp_add_header(headers, "Range", text);
        }
        return r;
}

int http_ask(struct http *h, const struct http_ask *ask,
             void (*done)(void *ctx, const struct http_answer *answer), void *ctx) {
        char path[SERVER_BASE_SIZE + 256];

        if (h->is_busy)
                return -EBUSY;
        if (h->is_closed || h->is_broken)
                drop_connection(h);
        if (!h->connection && make_connection(h) < 0)
                return -ENOMEM;
        int n = snprintf(path, sizeof(path), "%s/%s", h->at->base, ask->path);
        struct evhttp_request *request = evhttp_request_new(on_done, h);
        if (!request || n < 0 || (size_t)n >= sizeof(path) || add_headers(h, request, ask) != 0 ||
            (ask->body &&
             evbuffer_add(evhttp_request_get_output_buffer(request), ask->body, strlen(ask->body)) != 0)) {
                if (request)
                        evhttp_request_free(request);
                return -ENOMEM;
        }
        evhttp_request_set_error_cb(request, on_error);
        if (ask->take)
                evhttp_request_set_chunked_cb(request, on_piece);
        evhttp_connection_set_max_body_size(h->connection, ask->take ? -1 : HTTP_BODY_MAX);
        evhttp_connection_set_timeout(h->connection, (int)(ask->idle_s ? ask->idle_s : IDLE_DEFAULT_S));

        h->ask = *ask;
        h->done = done;
        h->ctx = ctx;
        h->is_busy = true;
        h->is_broken = false;
        (void)snprintf(h->why, sizeof(h->why), "nobody listens there");
        bool is_post = strcmp(ask->method, "POST") == 0;
        if (evhttp_make_request(h->connection, request, is_post ? EVHTTP_REQ_POST : EVHTTP_REQ_GET, path) <
            0) {
                /* libevent has freed the request, and may have told on_done() already. */
                if (!h->is_broken)
                        break_off(h, "cannot connect");
        }
        return 0;
}

struct wait {
        struct http *h;
        struct http_reply *reply;
        bool (*may_go_on)(void *ctx);
        void *ctx;
        bool is_over;
};

static void on_reply(void *ctx, const struct http_answer *answer) {
        struct wait *w = ctx;

        w->is_over = true;
        w->reply->status = answer->status;
        (void)snprintf(w->reply->why, sizeof(w->reply->why), "%s", answer->why);
        w->reply->body = calloc(1, answer->len + 1);
        if (w->reply->body && answer->len > 0)
                memcpy(w->reply->body, answer->body, w->reply->len = answer->len);
}

static void on_glance(evutil_socket_t fd, short what, void *ctx) {
        struct wait *w = ctx;

        (void)fd;
        (void)what;
        if (w->may_go_on && !w->may_go_on(w->ctx))
                break_off(w->h, "given up");
}

void http_wait(struct http *h, const struct http_ask *ask, bool (*may_go_on)(void *ctx), void *ctx,
               struct http_reply *ret) {
        struct wait w = { .h = h, .reply = ret, .may_go_on = may_go_on, .ctx = ctx };
        struct event *glance = event_new(h->base, -1, EV_PERSIST, on_glance, &w);

        *ret = (struct http_reply){ 0 };
        if (!glance || event_add(glance, &(struct timeval){ .tv_usec = GLANCE_MS * 1000 }) < 0 ||
            http_ask(h, ask, on_reply, &w) < 0)
                (void)snprintf(ret->why, sizeof(ret->why), "out of memory");
        else {
                while (!w.is_over && event_base_loop(h->base, EVLOOP_ONCE) >= 0)
                        ;
        }
        if (glance)
                event_free(glance);
}

void http_reply_clear(struct http_reply *r) {
        free(r->body);
        *r = (struct http_reply){ 0 };
}
