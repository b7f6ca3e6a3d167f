/*
 * Asking the server: HTTP/1.1 over one connection, one question after another (libevent).
 *
 * A connection that broke is made anew with the next question. Knows neither tasks nor JSON.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-agent/boot_words.h"
#include "base/cleanup.h"

enum { HTTP_BODY_MAX = 32 << 20 }; /* octets of an answer that is collected: the map of a large disk */

struct event_base;
struct http;
struct tls;

/** http_new() - nothing is connected yet. @at and @tls (NULL without https) live longer. NULL: out of memory.
 */
struct http *http_new(struct event_base *base, const struct server_at *at, struct tls *tls);
void http_free(struct http *h); /* a question that is open is forgotten */
DEFINE_CLEANUP(struct http, http_free)

struct http_ask {
        const char *method; /* "GET" or "POST" */
        const char *path;   /* behind the server's base: "hello" */
        const char *body;   /* JSON; NULL: none */
        unsigned idle_s;    /* gives up when nothing moved for so long; 0: 30 */

        /* A part of what the path holds; range_len 0: all of it. */
        uint64_t range_first, range_len;

        /* A long answer, given piece by piece instead of collected. Non-zero ends it. May block, which holds
         * the server back. */
        int (*take)(void *ctx, const void *data, size_t len);
        void *take_ctx;
};

struct http_answer {
        unsigned status;  /* 0: none came, see @why */
        const char *why;  /* what went wrong, as half a sentence; "" when a status came */
        const char *body; /* as long as the call; NUL-terminated */
        size_t len;
};

/** http_ask() - send a question; @done is called once, from the loop. -EBUSY: one is open. */
MUST_CHECK int http_ask(struct http *h, const struct http_ask *ask,
                        void (*done)(void *ctx, const struct http_answer *answer), void *ctx);

/* The same for a thread that may wait. */
struct http_reply {
        unsigned status;
        char why[160];
        char *body; /* owned; may be NULL when status is 0 */
        size_t len;
};

/**
 * http_wait() - ask and wait for the answer, on a connection whose loop nobody else runs
 * @may_go_on:  asked several times a second; false gives up. NULL: always
 */
void http_wait(struct http *h, const struct http_ask *ask, bool (*may_go_on)(void *ctx), void *ctx,
               struct http_reply *ret);
void http_reply_clear(struct http_reply *r); /* also for CLEANUP() on the stack */
