/*
 * Bounds-checked reading of wire data.
 *
 * A failed read sets `bad` and every later read returns zero, so a decoder
 * reads straight through and checks once at the end.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
        const uint8_t *at, *end;
        bool bad;
};

static inline struct reader reader_of(const void *data, size_t len) {
        return (struct reader){ .at = data, .end = len ? (const uint8_t *)data + len : data };
}

static inline size_t reader_left(const struct reader *r) {
        return (size_t)(r->end - r->at);
}

/* The next @len octets, which live as long as the packet does; NULL when there are fewer. */
static inline const uint8_t *read_octets(struct reader *r, size_t len) {
        if (reader_left(r) < len || r->bad) {
                r->bad = true;
                r->at = r->end;
                return NULL;
        }
        const uint8_t *p = r->at;
        r->at += len;
        return p;
}

static inline uint8_t read_u8(struct reader *r) {
        const uint8_t *p = read_octets(r, 1);
        return p ? p[0] : 0;
}

static inline uint16_t read_u16(struct reader *r) {
        const uint8_t *p = read_octets(r, 2);
        if (!p)
                return 0; /* not by ?: here: under its sanitizer gcc 12 takes the whole for an int */
        return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t read_u32(struct reader *r) {
        const uint8_t *p = read_octets(r, 4);
        return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

static inline uint16_t read_u16le(struct reader *r) {
        const uint8_t *p = read_octets(r, 2);
        if (!p)
                return 0;
        return (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t read_u32le(struct reader *r) {
        const uint8_t *p = read_octets(r, 4);
        return p ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0] : 0;
}

static inline uint64_t read_u64(struct reader *r) {
        uint64_t high = read_u32(r);
        return high << 32 | read_u32(r);
}

static inline uint64_t read_u64le(struct reader *r) {
        uint64_t low = read_u32le(r);
        return low | (uint64_t)read_u32le(r) << 32;
}

/* A NUL-terminated string inside the packet, or "" when the NUL is missing. */
static inline const char *read_cstr(struct reader *r) {
        const uint8_t *nul = reader_left(r) ? memchr(r->at, 0, reader_left(r)) : NULL;
        if (!nul) {
                r->bad = true;
                r->at = r->end;
                return "";
        }
        const char *s = (const char *)r->at;
        r->at = nul + 1;
        return s;
}
