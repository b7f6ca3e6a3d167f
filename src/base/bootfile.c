/* Boot files as lists of segments; see bootfile.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <string.h>

#include "base/bootfile.h"
#include "base/hash.h"
#include "base/text.h"

void blob_drop(struct blob *b) {
        if (b && ref_drop(&b->ref))
                b->free(b);
}

/* A tag that names the octets: blobs by the hash that is their name, memory by its own hash. */
static void make_etag(struct boot_file *f) {
        static const struct hash_key keys[2] = { { 0x65746167, 1 }, { 0x65746167, 2 } };
        uint64_t tag[2] = { f->size, f->size };
        char hex[2 * sizeof(tag) + 1];

        for (size_t i = 0; i < f->n_segments; i++) {
                const struct boot_segment *s = &f->segments[i];
                uint8_t name[2 * sizeof(uint64_t) + SHA256_SIZE] = {};
                memcpy(name, &s->offset, sizeof(s->offset));
                memcpy(name + sizeof(s->offset), &s->len, sizeof(s->len));
                if (s->blob)
                        memcpy(name + 16, s->blob->id.octets, SHA256_SIZE);
                for (int k = 0; k < 2; k++) {
                        struct hash_key key = { keys[k].k0, keys[k].k1 ^ tag[k] };
                        tag[k] = hash_siphash(key, name, sizeof(name));
                        if (!s->blob)
                                tag[k] ^= hash_siphash(key, s->octets, (size_t)s->len);
                }
        }
        f->etag[0] = '"';
        (void)text_hex(tag, sizeof(tag), hex);
        memcpy(f->etag + 1, hex, sizeof(hex) - 1);
        memcpy(f->etag + sizeof(hex), "\"", 2);
}

struct boot_file *boot_file_new(const struct boot_segment *segments, size_t n) {
        size_t memory = 0;
        uint64_t size = 0;

        assert(n <= BOOT_FILE_SEGMENTS_MAX);
        for (size_t i = 0; i < n; i++) {
                if (__builtin_add_overflow(size, segments[i].len, &size))
                        return NULL;
                if (!segments[i].blob && __builtin_add_overflow(memory, segments[i].len, &memory))
                        return NULL;
        }
        size_t head = sizeof(struct boot_file) + n * sizeof(struct boot_segment), total;
        if (__builtin_add_overflow(head, memory, &total))
                return NULL;

        /* The octets in memory lie behind the segments: one allocation for all. */
        struct boot_file *f = calloc(1, total);
        if (!f)
                return NULL;
        ref_init(&f->ref);
        f->size = size;
        f->n_segments = n;
        uint8_t *at = (uint8_t *)f + head;
        for (size_t i = 0; i < n; i++) {
                f->segments[i] = segments[i];
                if (segments[i].blob) {
                        (void)blob_take(segments[i].blob);
                } else {
                        if (segments[i].len)
                                memcpy(at, segments[i].octets, (size_t)segments[i].len);
                        f->segments[i].octets = at;
                        f->segments[i].offset = 0;
                        at += segments[i].len;
                }
        }
        make_etag(f);
        return f;
}

struct boot_file *boot_file_of_octets(const void *octets, size_t len) {
        struct boot_segment s = { .octets = octets, .len = len };
        return boot_file_new(&s, 1);
}

void boot_file_drop(struct boot_file *f) {
        if (!f || !ref_drop(&f->ref))
                return;
        for (size_t i = 0; i < f->n_segments; i++)
                blob_drop(f->segments[i].blob);
        free(f);
}

static int segment_read(const struct boot_segment *s, uint64_t offset, void *buf, size_t len) {
        if (s->blob)
                return s->blob->read(s->blob, s->offset + offset, buf, len);
        memcpy(buf, s->octets + offset, len);
        return 0;
}

int64_t boot_file_read(const struct boot_file *f, uint64_t offset, void *buf, size_t len) {
        uint8_t *to = buf;
        size_t done = 0;

        for (size_t i = 0; i < f->n_segments && done < len; i++) {
                const struct boot_segment *s = &f->segments[i];
                if (offset >= s->len) {
                        offset -= s->len;
                        continue;
                }
                uint64_t here = s->len - offset;
                size_t n = here < len - done ? (size_t)here : len - done;
                int r = segment_read(s, offset, to + done, n);
                if (r < 0)
                        return r;
                done += n;
                offset = 0;
        }
        return (int64_t)done;
}
