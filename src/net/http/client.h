/*
 * HTTP as a client, over libcurl: to a daemon on a Unix socket or to a server, one call after the other on
 * one connection.
 *
 * Bodies may be long in both directions and are then handed over piece by piece; what is collected is
 * bounded. Redirects are not followed and no proxy is used: credentials go to whom they were given for. Knows
 * no paths and no JSON.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

enum {
        HTTP_CLIENT_BODY_MAX = 64 << 20
}; /* octets of a collected answer: 10,000 machines are 5 MiB of JSON */

enum http_auth {
        HTTP_AUTH_NONE,
        HTTP_AUTH_BASIC,
        HTTP_AUTH_DIGEST, /* asks first, then shows that it knows the secret (RFC 7616) */
        HTTP_AUTH_BEARER
};

/* Whom to talk to, and as whom. */
struct http_target {
        const char *socket_path; /* a Unix socket; NULL: the URL's host */
        const char *url;         /* what the path of a call is appended to; NULL: http://localhost */
        enum http_auth auth;
        const char *user, *secret; /* @user is of no interest to HTTP_AUTH_BEARER */
        bool trusts_anybody;       /* https without a look at the certificate */
};

struct http_client;

/** http_client_new() - nothing is connected yet; what @target points to is copied. */
MUST_CHECK int http_client_new(const struct http_target *target, struct http_client **ret,
                               struct error *reterr);
void http_client_free(struct http_client *c);
DEFINE_CLEANUP(struct http_client, http_client_free)

struct http_call {
        const char *method; /* "GET" */
        const char *path;   /* with its query; parts that come from people went through http_escape() */
        const char *const *headers; /* more of them, each "Name: value"; ends with NULL; NULL: none */
        const char *accept;         /* NULL: application/json */
        const char *content_type;   /* of what is sent; NULL: nothing is sent, unless read() is set */
        const void *body;           /* sent as it is */
        size_t body_len;

        /* A long body: fills @buf; returns how many octets, 0 only at the end, or -errno. Set instead of
         * @body. */
        int64_t (*read)(void *ctx, char *buf, size_t size);
        uint64_t upload_size; /* octets that read() will give in all */

        /* A long answer of status 2xx: given here instead of collected. Non-zero ends the call with
         * -ECANCELED. */
        int (*take)(void *ctx, const void *data, size_t len);

        bool (*may_go_on)(
                void *ctx); /* asked about once a second; false ends the call, -ECANCELED. NULL: always */
        void *ctx;          /* of all three */

        unsigned idle_s;     /* gives up when nothing moved for so long; 0: 30 */
        unsigned timeout_ms; /* gives up when it takes so long in all; 0: it may take as long as something
                                moves */
        size_t body_max;     /* octets of a collected answer; 0: HTTP_CLIENT_BODY_MAX */
};

struct http_reply {
        unsigned status;
        char content_type[64]; /* without its parameters; "" none */
        char etag[128];        /* with its quotes; "" none, or longer */
        char *body;            /* NUL-terminated, never NULL after success; free with http_reply_clear() */
        size_t len;
};

/**
 * http_client_call() - one request, one answer
 * @ret:        the answer, whatever its status, set on success only
 *
 * Return: 0; -ENOENT or -ECONNREFUSED when nobody listens; -EACCES when we may not; -ETIMEDOUT; -EFBIG;
 * -EHOSTUNREACH when there is no such host; -EKEYREJECTED when its certificate is not to be trusted;
 * -ECANCELED by take(); what read() returned; or -EPROTO. Each with a sentence.
 */
MUST_CHECK int http_client_call(struct http_client *c, const struct http_call *call, struct http_reply *ret,
                                struct error *reterr);

/* When an octet last moved in either direction; zero at first. */
struct http_idle {
        uint64_t octets, since_ms;
};

/** http_idle_is_over() - whether nothing has moved for @idle_s, @octets having moved in all. Pure. */
bool http_idle_is_over(struct http_idle *idle, uint64_t octets, uint64_t now_ms, unsigned idle_s);

void http_reply_clear(struct http_reply *r); /* also for CLEANUP() on the stack */

/** http_escape() - append @s as part of a path or a query's value (RFC 3986 section 2.1). */
void http_escape(struct text *out, const char *s);
