/* How leases lie in the journal; see record.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/reader.h"
#include "base/writer.h"
#include "core/lease/record.h"

enum {
        HEAD_SIZE = LEASE_HEAD_SIZE / 2,
        RECORD_MAGIC = 'L' << 8 | '1',
        FIXED_SIZE = 54 /* octets before the key */
};

static const uint8_t head_magic[8] = "BRLEASE\1";

static void head_write(uint8_t *buf, uint64_t mark) {
        struct writer w = writer_of(buf, HEAD_SIZE);
        write_octets(&w, head_magic, sizeof(head_magic));
        write_u64(&w, mark);
        write_u32(&w, hash_crc32c(0, buf, writer_len(&w)));
        write_zeros(&w, writer_left(&w));
}

void lease_head_write(uint8_t buf[static LEASE_HEAD_SIZE], uint64_t mark) {
        head_write(buf, mark);
        head_write(buf + HEAD_SIZE, mark);
}

static int head_read(const uint8_t *data, size_t len, uint64_t *ret) {
        struct reader r = reader_of(data, len);
        const uint8_t *magic = read_octets(&r, sizeof(head_magic));
        uint64_t mark = read_u64(&r);
        uint32_t checksum = read_u32(&r);

        if (r.bad || memcmp(magic, head_magic, sizeof(head_magic)) != 0 ||
            checksum != hash_crc32c(0, data, sizeof(head_magic) + sizeof(mark)))
                return -EBADMSG;
        *ret = mark;
        return 0;
}

int lease_head_read(const void *data, size_t len, uint64_t *ret) {
        if (len < LEASE_HEAD_SIZE)
                return -EBADMSG;
        return head_read(data, len, ret) == 0
                       ? 0
                       : head_read((const uint8_t *)data + HEAD_SIZE, len - HEAD_SIZE, ret);
}

static size_t round_up(size_t size) {
        return (size + LEASE_RECORD_ALIGN - 1) / LEASE_RECORD_ALIGN * LEASE_RECORD_ALIGN;
}

/* The checksum covers all of the record behind itself, and the file's mark. */
static uint32_t checksum_of(uint64_t mark, const uint8_t *record, size_t size) {
        uint8_t octets[8];
        struct writer w = writer_of(octets, sizeof(octets));
        write_u64(&w, mark);
        return hash_crc32c(hash_crc32c(0, octets, sizeof(octets)), record + 4, size - 4);
}

size_t lease_record_write(uint8_t buf[static LEASE_RECORD_MAX], uint64_t mark, uint64_t number,
                          const struct lease *l) {
        const struct lease_client *c = &l->client;
        size_t hostname_len = strnlen(c->hostname, LEASE_HOSTNAME_MAX);
        size_t size = round_up(FIXED_SIZE + c->key_len + hostname_len);
        struct writer w = writer_of(buf, size);

        assert(c->key_len <= LEASE_KEY_MAX);
        write_u32(&w, 0); /* the checksum's place */
        write_u16(&w, RECORD_MAGIC);
        write_u16(&w, (uint16_t)size);
        write_u64(&w, number);
        write_u8(&w, (uint8_t)l->state);
        write_u8(&w, c->key_len);
        write_u8(&w, (uint8_t)hostname_len);
        write_u8(&w, 0);
        write_u32(&w, l->addr);
        write_u64(&w, c->subnet);
        write_u64(&w, (uint64_t)l->expires_s);
        write_u64(&w, (uint64_t)l->granted_s);
        write_octets(&w, c->mac.octets, sizeof(c->mac.octets));
        write_octets(&w, c->key, c->key_len);
        write_octets(&w, c->hostname, hostname_len);
        write_zeros(&w, writer_left(&w));

        struct writer head = writer_of(buf, 4);
        write_u32(&head, checksum_of(mark, buf, size));
        return size;
}

/* Reads what lies between the number and the padding. */
static bool lease_read(struct reader *r, struct lease *l) {
        l->state = (enum lease_state)read_u8(r);
        l->client.key_len = read_u8(r);
        size_t hostname_len = read_u8(r);
        bool is_sane = read_u8(r) == 0 && l->state <= LEASE_DECLINED && l->client.key_len <= LEASE_KEY_MAX &&
                       hostname_len <= LEASE_HOSTNAME_MAX;

        l->addr = read_u32(r);
        l->client.subnet = read_u64(r);
        l->expires_s = (int64_t)read_u64(r);
        l->granted_s = (int64_t)read_u64(r);
        const uint8_t *mac = read_octets(r, sizeof(l->client.mac.octets));
        if (!is_sane || !mac)
                return false;
        memcpy(l->client.mac.octets, mac, sizeof(l->client.mac.octets));

        const uint8_t *key = read_octets(r, l->client.key_len);
        const uint8_t *hostname = read_octets(r, hostname_len);
        if (!key || !hostname || memchr(hostname, 0, hostname_len))
                return false;
        memcpy(l->client.key, key, l->client.key_len);
        memcpy(l->client.hostname, hostname, hostname_len);
        return true;
}

static bool is_zero(const uint8_t *data, size_t len) {
        for (size_t i = 0; i < len; i++)
                if (data[i])
                        return false;
        return true;
}

int lease_record_read(const void *data, size_t len, uint64_t mark, uint64_t *number, struct lease *ret) {
        struct reader head = reader_of(data, len);
        uint32_t checksum = read_u32(&head);
        uint16_t magic = read_u16(&head), size = read_u16(&head);

        if (head.bad || magic != RECORD_MAGIC || size < LEASE_RECORD_MIN || size > LEASE_RECORD_MAX ||
            size % LEASE_RECORD_ALIGN || size > len || checksum != checksum_of(mark, data, size))
                return -EBADMSG;

        struct reader r = reader_of(head.at, size - 8u);
        struct lease l = {};
        uint64_t n = read_u64(&r);
        if (!lease_read(&r, &l) || reader_left(&r) >= LEASE_RECORD_ALIGN || !is_zero(r.at, reader_left(&r)))
                return -EBADMSG;
        *number = n;
        *ret = l;
        return size;
}

int lease_replay(const void *data, size_t len, int (*fn)(void *ctx, const struct lease *l), void *ctx,
                 struct lease_replay *ret) {
        const uint8_t *octets = data;
        struct lease_replay replay = { .end = LEASE_HEAD_SIZE };

        int r = lease_head_read(data, len, &replay.mark);
        if (r < 0)
                return r;
        for (size_t at = LEASE_HEAD_SIZE; len - at >= LEASE_RECORD_MIN;) {
                struct lease l;
                uint64_t number;
                int size = lease_record_read(octets + at, len - at, replay.mark, &number, &l);
                if (size < 0 || number <= replay.last) {
                        at += LEASE_RECORD_ALIGN;
                        continue;
                }
                r = fn(ctx, &l);
                if (r)
                        return r;
                at += (size_t)size;
                replay.records++;
                replay.missing += number - replay.last - 1;
                replay.last = number;
                replay.end = at;
        }
        replay.torn_end = len;
        while (replay.torn_end > replay.end && octets[replay.torn_end - 1] == 0)
                replay.torn_end--;
        *ret = replay;
        return 0;
}
