/*
 * Bounds-checked writing of wire data, the counterpart of reader.h.
 *
 * A write that does not fit sets `full` and writes nothing, as does every later
 * one; an encoder writes straight through and checks once at the end.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct writer {
        uint8_t *start, *at, *end;
        bool full;
};

static inline struct writer writer_of(void *buf, size_t size) {
        return (struct writer){ .start = buf, .at = buf, .end = (uint8_t *)buf + size };
}

static inline size_t writer_len(const struct writer *w) {
        return (size_t)(w->at - w->start);
}

static inline size_t writer_left(const struct writer *w) {
        return (size_t)(w->end - w->at);
}

/* Room for @len octets that the caller fills, or NULL when they do not fit. */
static inline uint8_t *write_room(struct writer *w, size_t len) {
        if (w->full || writer_left(w) < len) {
                w->full = true;
                return NULL;
        }
        uint8_t *p = w->at;
        w->at += len;
        return p;
}

static inline void write_octets(struct writer *w, const void *data, size_t len) {
        if (w->full || writer_left(w) < len) {
                w->full = true;
                return;
        }
        if (len)
                memcpy(w->at, data, len);
        w->at += len;
}

static inline void write_zeros(struct writer *w, size_t len) {
        uint8_t *p = write_room(w, len);
        if (p && len)
                memset(p, 0, len);
}

static inline void write_u8(struct writer *w, uint8_t v) {
        write_octets(w, &v, 1);
}

static inline void write_u16(struct writer *w, uint16_t v) {
        write_octets(w, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

static inline void write_u32(struct writer *w, uint32_t v) {
        write_u16(w, (uint16_t)(v >> 16));
        write_u16(w, (uint16_t)v);
}

static inline void write_u64(struct writer *w, uint64_t v) {
        write_u32(w, (uint32_t)(v >> 32));
        write_u32(w, (uint32_t)v);
}

static inline void write_u16le(struct writer *w, uint16_t v) {
        write_octets(w, (uint8_t[]){ (uint8_t)v, (uint8_t)(v >> 8) }, 2);
}

static inline void write_u32le(struct writer *w, uint32_t v) {
        write_u16le(w, (uint16_t)v);
        write_u16le(w, (uint16_t)(v >> 16));
}

static inline void write_u64le(struct writer *w, uint64_t v) {
        write_u32le(w, (uint32_t)v);
        write_u32le(w, (uint32_t)(v >> 32));
}

/* A string with its NUL. */
static inline void write_cstr(struct writer *w, const char *s) {
        write_octets(w, s, strlen(s) + 1);
}
