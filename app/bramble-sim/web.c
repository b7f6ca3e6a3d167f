/* Downloads by HTTP; see web.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-sim/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/bramble-sim/tls.h"

enum { AGAIN_MS = 1000, TRIES_MAX = 10, STATUS_OK = 200 };

static struct web_step segment_of(const struct web *w, uint8_t flags, const void *payload, size_t len) {
        return (struct web_step){ .sends = true,
                                  .flags = flags,
                                  .seq = w->ours,
                                  .ack = w->theirs,
                                  .payload = payload,
                                  .len = len };
}

struct web_step web_begin(struct web *w, struct tls *tls, const char *host, uint16_t server_port,
                          const char *path, uint16_t port, uint32_t seq, uint64_t now_ms) {
        web_end(w);
        *w = (struct web){ .tls = tls,
                           .port = port,
                           .server_port = server_port,
                           .ours = seq,
                           .size = UINT64_MAX,
                           .start_ms = now_ms,
                           .last_ms = now_ms };
        int n = snprintf(w->ask, sizeof(w->ask),
                         "GET /%.400s HTTP/1.1\r\nhost: %.60s\r\nConnection: close\r\n\r\n", path, host);
        w->ask_len = (size_t)n;
        return segment_of(w, FRAME_TCP_SYN, NULL, 0);
}

void web_end(struct web *w) {
        tls_free(w->tls);
        w->tls = NULL;
}

static struct web_step end_with(struct web *w, enum web_state state) {
        w->state = state;
        return segment_of(w, FRAME_TCP_RST | FRAME_TCP_ACK, NULL, 0);
}

/* "Content-Length: 12" of the head; UINT64_MAX: it is missing, as with chunks, which this firmware cannot
 * read. */
static uint64_t length_of(const char *head) {
        for (const char *line = head; (line = strstr(line, "\r\n")); line += 2)
                if (strncasecmp(line + 2, "content-length:", 15) == 0)
                        return strtoull(line + 17, NULL, 10);
        return UINT64_MAX;
}

/* The head, octet for octet, until the empty line; what is behind it is the file. Returns how many it took.
 */
static size_t take_head(struct web *w, const uint8_t *octets, size_t len) {
        size_t n = 0;

        while (n < len && w->head_len < WEB_HEAD_MAX - 1 && !w->has_head) {
                w->head[w->head_len++] = (char)octets[n++];
                w->has_head = w->head_len >= 4 && memcmp(w->head + w->head_len - 4, "\r\n\r\n", 4) == 0;
        }
        if (!w->has_head)
                return n;
        w->head[w->head_len] = 0;
        w->status = w->head_len > 12 ? (unsigned)strtoul(w->head + 9, NULL, 10) : 0;
        w->size = length_of(w->head);
        return n;
}

/* The next octets of the answer. */
static struct web_step take(struct web *w, const uint8_t *octets, size_t len, bool is_end) {
        const uint8_t *data = octets;
        size_t left = len;

        if (!w->has_head) {
                size_t n = take_head(w, octets, len);
                data += n;
                left -= n;
        }
        if (w->has_head && w->status != STATUS_OK)
                return end_with(w, w->status == 404 ? WEB_NOT_FOUND : WEB_BROKEN);
        if (w->has_head && w->size == UINT64_MAX)
                return end_with(w, WEB_BROKEN);
        if (w->has_head && left > w->size - w->octets)
                left = (size_t)(w->size - w->octets);
        w->octets += left;
        struct web_step step = segment_of(w, FRAME_TCP_ACK, NULL, 0);
        if (w->has_head && w->octets == w->size)
                step = end_with(w, WEB_WHOLE);
        else if (is_end)
                step = end_with(w, WEB_BROKEN);
        step.data = left ? data : NULL;
        step.data_len = left;
        return step;
}

/* With what is to be said at the same time. */
static struct web_step speak(const struct web *w, struct web_step step) {
        if (w->out_len == 0 || web_is_over(w))
                return step;
        step.flags |= FRAME_TCP_PSH;
        step.payload = w->out;
        step.len = w->out_len;
        return step;
}

static void ask(struct web *w) {
        w->state = WEB_ASKING;
        if (w->tls) {
                tls_write(w->tls, w->ask, w->ask_len);
        } else {
                memcpy(w->out, w->ask, w->ask_len);
                w->out_len = w->ask_len;
        }
}

/* Octets that TLS is spoken in: what stands in them, and what is to be said because of them. */
static struct web_step take_sealed(struct web *w, const uint8_t *octets, size_t len, bool is_end) {
        const enum tls_state state = tls_hear(w->tls, octets, len);
        size_t n;
        const uint8_t *text = tls_text(w->tls, &n);

        if (state == TLS_BROKEN) {
                w->why = tls_why(w->tls);
                return end_with(w, WEB_BROKEN);
        }
        if (state == TLS_OPEN && w->state == WEB_SHAKING)
                ask(w);
        w->out_len += tls_take(w->tls, w->out + w->out_len, sizeof(w->out) - w->out_len);
        return speak(w, n > 0 || is_end ? take(w, text, n, is_end) : segment_of(w, FRAME_TCP_ACK, NULL, 0));
}

static struct web_step connected(struct web *w, const struct frame *f) {
        if ((f->tcp.flags & (FRAME_TCP_SYN | FRAME_TCP_ACK)) != (FRAME_TCP_SYN | FRAME_TCP_ACK) ||
            f->tcp.ack != w->ours + 1)
                return (struct web_step){};
        w->ours++;
        w->theirs = f->tcp.seq + 1;
        if (w->tls) {
                w->state = WEB_SHAKING;
                return take_sealed(w, NULL, 0, false);
        }
        ask(w);
        return speak(w, segment_of(w, FRAME_TCP_ACK, NULL, 0));
}

static void take_acknowledgement(struct web *w, uint32_t ack) {
        if (w->out_len == 0 || ack != w->ours + w->out_len)
                return;
        w->ours += (uint32_t)w->out_len;
        w->out_len = 0;
        if (w->state == WEB_ASKING)
                w->state = WEB_READING;
}

struct web_step web_segment(struct web *w, const struct frame *f, uint64_t now_ms) {
        const uint8_t flags = f->tcp.flags;

        if (f->tcp.src_port != w->server_port || f->tcp.dst_port != w->port || web_is_over(w))
                return (struct web_step){};
        w->last_ms = now_ms;
        w->tries = 0;
        if (flags & FRAME_TCP_RST) {
                w->state = WEB_BROKEN;
                return (struct web_step){};
        }
        if (w->state == WEB_CONNECTING)
                return connected(w, f);
        take_acknowledgement(w, f->tcp.ack);
        const bool is_end = flags & FRAME_TCP_FIN;
        if (w->state == WEB_ASKING || (f->tcp.len == 0 && !is_end))
                return (struct web_step){};
        if (f->tcp.seq != w->theirs) { /* not the next one: say again what is */
                w->resent++;
                return segment_of(w, FRAME_TCP_ACK, NULL, 0);
        }
        w->theirs += (uint32_t)f->tcp.len + is_end;
        return w->tls ? take_sealed(w, f->tcp.payload, f->tcp.len, is_end)
                      : take(w, f->tcp.payload, f->tcp.len, is_end);
}

struct web_step web_tick(struct web *w, uint64_t now_ms) {
        if (web_is_over(w) || now_ms - w->last_ms < AGAIN_MS)
                return (struct web_step){};
        w->last_ms = now_ms;
        w->resent++;
        if (++w->tries > TRIES_MAX) {
                w->state = WEB_BROKEN;
                return (struct web_step){};
        }
        if (w->state == WEB_CONNECTING)
                return segment_of(w, FRAME_TCP_SYN, NULL, 0);
        return speak(w, segment_of(w, FRAME_TCP_ACK, NULL, 0));
}
