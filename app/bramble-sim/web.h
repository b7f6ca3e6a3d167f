/*
 * One download by HTTP or HTTPS as a small firmware does it: TCP without windows to speak of, one GET each
 * connection (raspberry-pi.md section 4). Pure, but for the chance in TLS.
 *
 * What comes out of order is thrown away and comes again, as with uIP. The simulator's own reading of RFC 793
 * and RFC 9112, apart from the server's.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-sim/frame.h"

struct tls;

enum { WEB_HEAD_MAX = 1024, WEB_ASK_MAX = 600, WEB_OUT_MAX = 1400 };

enum web_state { WEB_CONNECTING, WEB_SHAKING, WEB_ASKING, WEB_READING, WEB_WHOLE, WEB_NOT_FOUND, WEB_BROKEN };

struct web {
        enum web_state state;
        uint16_t port, server_port;
        uint32_t ours, theirs; /* sequence numbers: of the next octet to send, to come */
        struct tls *tls;       /* NULL: plain HTTP */
        char ask[WEB_ASK_MAX];
        size_t ask_len;
        uint8_t out[WEB_OUT_MAX]; /* what is sent until it is acknowledged, one segment at most */
        size_t out_len;
        char head[WEB_HEAD_MAX]; /* of the answer */
        size_t head_len;
        bool has_head;
        unsigned status;
        uint64_t size, octets; /* size: UINT64_MAX until the head told */
        uint64_t start_ms, last_ms;
        unsigned tries, resent;
        const char *why; /* of WEB_BROKEN, where it is known; static text */
};

/* What a step asks to be done. */
struct web_step {
        bool sends;
        uint8_t flags;
        uint32_t seq, ack;
        const void *payload;
        size_t len;
        const uint8_t *data; /* octets of the file that arrived, in order, until the next segment; NULL: none
                              */
        size_t data_len;
};

/**
 * web_begin() - ask for "/@path" of @host, which is written as in a URL
 * @w:          zeroed, or one that was begun
 * @tls:        to speak through, taken over; NULL: plain HTTP
 * @seq:        where our numbers begin
 */
struct web_step web_begin(struct web *w, struct tls *tls, const char *host, uint16_t server_port,
                          const char *path, uint16_t port, uint32_t seq, uint64_t now_ms);

/** web_end() - what it holds goes. */
void web_end(struct web *w);

/** web_segment() - a segment of the server. */
struct web_step web_segment(struct web *w, const struct frame *f, uint64_t now_ms);

/** web_tick() - time passes: send again, or give up. */
struct web_step web_tick(struct web *w, uint64_t now_ms);

static inline bool web_is_over(const struct web *w) {
        return w->state >= WEB_WHOLE;
}
