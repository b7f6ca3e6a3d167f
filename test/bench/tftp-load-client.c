/* A TFTP client that checks every octet. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "tftp-load-client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { RRQ = 1, DATA = 3, ACK = 4, ERROR = 5, OACK = 6, NOT_FOUND = 1, BLKSIZE_DEFAULT = 512 };

static size_t put_string(uint8_t *buf, size_t at, const char *s) {
        size_t n = strlen(s) + 1;
        if (at + n > LOAD_PACKET_MAX)
                abort();
        memcpy(buf + at, s, n);
        return at + n;
}

static size_t put_option(uint8_t *buf, size_t at, const char *name, unsigned value) {
        char text[16];
        (void)snprintf(text, sizeof(text), "%u", value);
        return put_string(buf, put_string(buf, at, name), text);
}

static const struct load_file *file_of(const struct load_client *c) {
        return &c->wish->files[c->turn % c->wish->n_files];
}

static void remember(struct load_client *c, size_t len, bool to_listener, uint64_t now_us) {
        c->last_len = len;
        c->last_to_listener = to_listener;
        c->deadline_us = now_us + c->wish->timeout_ms * 1000ULL;
}

void load_client_ask(struct load_client *c, uint64_t now_us) {
        const struct load_wish *w = c->wish;

        c->state = LOAD_ASKED;
        c->port_before = c->server_port;
        c->blksize = BLKSIZE_DEFAULT;
        c->windowsize = 1;
        c->next = 1;
        c->offset = 0;
        c->in_window = c->tries = 0;
        c->told_gap = false;
        c->start_us = now_us;

        memcpy(c->last, "\0\1", 2);
        size_t len = put_string(c->last, put_string(c->last, 2, file_of(c)->name), "octet");
        if (w->blksize) {
                len = put_option(c->last, len, "tsize", 0);
                len = put_option(c->last, len, "blksize", w->blksize);
        }
        if (w->windowsize)
                len = put_option(c->last, len, "windowsize", w->windowsize);
        remember(c, len, true, now_us);
}

static void acknowledge(struct load_client *c, uint64_t block, uint64_t now_us) {
        memcpy(c->last, (uint8_t[]){ 0, ACK, (uint8_t)(block >> 8), (uint8_t)block }, 4);
        c->in_window = 0;
        remember(c, 4, false, now_us);
}

static struct load_result fail(struct load_client *c, const char *why) {
        c->state = LOAD_IDLE;
        return (struct load_result){ .event = LOAD_FAILED, .why = why };
}

static bool take_option(struct load_client *c, const char *name, const char *value) {
        unsigned long n = strtoul(value, NULL, 10);

        if (strcasecmp(name, "blksize") == 0 && n >= 8 && n <= c->wish->blksize)
                c->blksize = (unsigned)n;
        else if (strcasecmp(name, "windowsize") == 0 && n >= 1 && n <= c->wish->windowsize)
                c->windowsize = (unsigned)n;
        else if (strcasecmp(name, "tsize") == 0)
                return !file_of(c)->octets || n == file_of(c)->size;
        else
                return false;
        return true;
}

static struct load_result receive_oack(struct load_client *c, const uint8_t *data, size_t len,
                                       uint64_t now_us) {
        const char *at = (const char *)data + 2, *end = (const char *)data + len;

        while (at < end) {
                const char *name = at;
                const char *value = name + strnlen(name, (size_t)(end - name)) + 1;
                if (value >= end || !memchr(value, 0, (size_t)(end - value)))
                        return fail(c, "malformed OACK");
                if (!take_option(c, name, value))
                        return fail(c, "wrong OACK");
                at = value + strlen(value) + 1;
        }
        c->state = LOAD_FETCHING;
        acknowledge(c, 0, now_us);
        return (struct load_result){ .reply = true };
}

/* The block that we wait for. */
static struct load_result receive_next(struct load_client *c, const uint8_t *octets, size_t len,
                                       uint64_t now_us) {
        const struct load_file *f = file_of(c);

        if (len > c->blksize)
                return fail(c, "block too long");
        if (f->octets && (len > f->size - c->offset || memcmp(f->octets + c->offset, octets, len) != 0))
                return fail(c, "wrong octets");
        c->offset += len;
        c->in_window++;
        c->tries = 0;
        c->told_gap = false;
        c->deadline_us = now_us + c->wish->timeout_ms * 1000ULL;

        bool is_last = len < c->blksize;
        struct load_result r = { .event = is_last ? LOAD_DONE : LOAD_BLOCK, .octets = len };
        if (is_last && f->octets && c->offset != f->size)
                return fail(c, "wrong length");
        if (is_last || c->in_window == c->windowsize) {
                acknowledge(c, c->next, now_us);
                r.reply = true;
        }
        if (is_last)
                c->state = LOAD_IDLE;
        c->next++;
        return r;
}

static struct load_result receive_data(struct load_client *c, const uint8_t *data, size_t len,
                                       uint64_t now_us) {
        uint16_t ahead = (uint16_t)((data[2] << 8 | data[3]) - (uint16_t)c->next);

        c->state = LOAD_FETCHING;
        if (ahead == 0)
                return receive_next(c, data + 4, len - 4, now_us);

        bool is_gap = ahead < 0x8000 && c->windowsize > 1 && !c->told_gap;
        bool is_double = ahead == UINT16_MAX && c->next > 1; /* our ACK was lost */
        if (!is_gap && !is_double)
                return (struct load_result){};
        c->told_gap = c->told_gap || is_gap;
        acknowledge(c, c->next - 1, now_us);
        return (struct load_result){ .reply = true };
}

static struct load_result dispatch(struct load_client *c, const uint8_t *data, size_t len, uint64_t now_us) {
        switch (data[1]) {
        case OACK:
                return c->state == LOAD_ASKED ? receive_oack(c, data, len, now_us) : (struct load_result){};
        case DATA:
                return receive_data(c, data, len, now_us);
        case ERROR:
                if (c->state == LOAD_ASKED && c->wish->expects_miss && data[3] == NOT_FOUND) {
                        c->state = LOAD_IDLE;
                        return (struct load_result){ .event = LOAD_MISS };
                }
                return fail(c, "ERROR from the server");
        default:
                return (struct load_result){};
        }
}

struct load_result load_client_packet(struct load_client *c, uint16_t from_port, const uint8_t *data,
                                      size_t len, uint64_t now_us) {
        bool is_first = c->state == LOAD_ASKED;

        if (c->state == LOAD_IDLE || len < 4 || data[0] != 0)
                return (struct load_result){};
        if (c->state == LOAD_FETCHING && from_port != c->server_port)
                return (struct load_result){};
        /* A block that is sent again as our last ACK of the transfer before was lost: not of this one. */
        if (is_first && data[1] == DATA && (from_port == c->port_before || data[2] || data[3] != 1))
                return (struct load_result){};
        if (is_first)
                c->server_port = from_port;
        struct load_result r = dispatch(c, data, len, now_us);
        r.is_first = is_first;
        r.is_port_again = is_first && from_port == c->port_before && r.event != LOAD_MISS;
        if (r.event == LOAD_DONE || r.event == LOAD_MISS || r.event == LOAD_FAILED)
                c->turn++;
        return r;
}

struct load_result load_client_tick(struct load_client *c, uint64_t now_us) {
        if (c->state == LOAD_IDLE || now_us < c->deadline_us)
                return (struct load_result){};
        if (++c->tries > c->wish->tries_max) {
                c->turn++;
                return fail(c, "no answer");
        }
        c->deadline_us = now_us + c->wish->timeout_ms * 1000ULL;
        return (struct load_result){ .reply = true };
}
