/* SipHash-2-4 and CRC-32C; see hash.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/hash.h"

static inline uint64_t rotate_left(uint64_t x, int bits) {
        return x << bits | x >> (64 - bits);
}

struct sip_state {
        uint64_t v0, v1, v2, v3;
};

static inline void sip_round(struct sip_state *s) {
        s->v0 += s->v1;
        s->v1 = rotate_left(s->v1, 13) ^ s->v0;
        s->v0 = rotate_left(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = rotate_left(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = rotate_left(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = rotate_left(s->v1, 17) ^ s->v2;
        s->v2 = rotate_left(s->v2, 32);
}

static inline void sip_absorb(struct sip_state *s, uint64_t word) {
        s->v3 ^= word;
        sip_round(s);
        sip_round(s);
        s->v0 ^= word;
}

uint64_t hash_siphash(struct hash_key key, const void *data, size_t len) {
        const uint8_t *at = data;
        struct sip_state s = {
                .v0 = key.k0 ^ 0x736f6d6570736575,
                .v1 = key.k1 ^ 0x646f72616e646f6d,
                .v2 = key.k0 ^ 0x6c7967656e657261,
                .v3 = key.k1 ^ 0x7465646279746573,
        };

        size_t left = len;
        for (; left >= 8; left -= 8, at += 8) {
                uint64_t word = 0;
                for (int i = 7; i >= 0; i--)
                        word = word << 8 | at[i];
                sip_absorb(&s, word);
        }
        uint64_t last = (uint64_t)len << 56;
        for (size_t i = 0; i < left; i++)
                last |= (uint64_t)at[i] << 8 * i;
        sip_absorb(&s, last);

        s.v2 ^= 0xff;
        for (int i = 0; i < 4; i++)
                sip_round(&s);
        return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint32_t hash_crc32c(uint32_t crc, const void *data, size_t len) {
        /* Four bits a step: sixteen words of table instead of a kilobyte, fast enough for records. */
        static const uint32_t nibble[16] = {
                0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
        };
        const uint8_t *at = data;

        crc = ~crc;
        for (size_t i = 0; i < len; i++) {
                crc ^= at[i];
                crc = crc >> 4 ^ nibble[crc & 15];
                crc = crc >> 4 ^ nibble[crc & 15];
        }
        return ~crc;
}

uint32_t hash_crc32(const void *data, size_t len) {
        const uint8_t *at = data;
        uint32_t crc = UINT32_MAX;

        for (size_t i = 0; i < len; i++) {
                crc ^= at[i];
                for (int bit = 0; bit < 8; bit++)
                        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
        }
        return ~crc;
}
