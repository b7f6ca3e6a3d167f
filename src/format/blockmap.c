/* Maps of disk images; see blockmap.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/reader.h"
#include "format/blockmap.h"

enum { MAGIC_LEN = 8 };

static const char magic[MAGIC_LEN + 1] = "BRMBLMAP";

static int read_header(struct reader *r, struct blockmap *ret) {
        const uint8_t *begin = read_octets(r, MAGIC_LEN);

        if (!begin || memcmp(begin, magic, MAGIC_LEN) != 0)
                return -EBADMSG;
        uint32_t version = read_u32(r);
        *ret = (struct blockmap){ .sector_size = read_u32(r) };
        ret->disk_size = read_u64(r);
        ret->frames_size = read_u64(r);
        ret->n_frames = read_u32(r);
        uint32_t zero = read_u32(r);
        if (r->bad)
                return -EBADMSG;
        if (version != BLOCKMAP_VERSION)
                return version > BLOCKMAP_VERSION ? -ENOTSUP : -EBADMSG;
        bool is_sound = zero == 0 && (ret->sector_size == 512 || ret->sector_size == 4096) &&
                        ret->disk_size % ret->sector_size == 0 && ret->n_frames <= BLOCKMAP_FRAMES_MAX;
        return is_sound ? 0 : -EBADMSG;
}

static struct blockmap_frame read_frame(struct reader *r) {
        struct blockmap_frame f = { .offset = read_u64(r) };

        f.len = read_u32(r);
        f.packed_len = read_u32(r);
        f.packed_offset = read_u64(r);
        const uint8_t *sha256 = read_octets(r, sizeof(f.sha256));
        if (sha256)
                memcpy(f.sha256, sha256, sizeof(f.sha256));
        return f;
}

/* Whether a frame can follow on what ends at @disk_end and @packed_end. */
static bool fits(const struct blockmap *m, const struct blockmap_frame *f, uint64_t disk_end,
                 uint64_t packed_end) {
        return f->offset >= disk_end && f->offset <= m->disk_size && f->len > 0 &&
               f->len <= BLOCKMAP_FRAME_MAX && f->len <= m->disk_size - f->offset &&
               f->offset % m->sector_size == 0 && f->len % m->sector_size == 0 &&
               f->packed_offset == packed_end && f->packed_len > 0 && f->packed_len <= BLOCKMAP_PACKED_MAX &&
               f->packed_len <= m->frames_size - packed_end;
}

int blockmap_parse(const void *data, size_t len, struct blockmap *ret) {
        struct reader r = reader_of(data, len);
        uint64_t disk_end = 0, packed_end = 0;
        struct blockmap m;

        int error = read_header(&r, &m);
        if (error < 0)
                return error;
        if (reader_left(&r) != (size_t)m.n_frames * BLOCKMAP_RECORD)
                return -EBADMSG;
        m.records = r.at;
        for (uint32_t i = 0; i < m.n_frames; i++) {
                struct blockmap_frame f = read_frame(&r);
                if (!fits(&m, &f, disk_end, packed_end))
                        return -EBADMSG;
                disk_end = f.offset + f.len;
                packed_end += f.packed_len;
        }
        if (packed_end != m.frames_size)
                return -EBADMSG;
        *ret = m;
        return 0;
}

struct blockmap_frame blockmap_frame(const struct blockmap *m, uint32_t i) {
        assert(i < m->n_frames);
        struct reader r = reader_of(m->records + (size_t)i * BLOCKMAP_RECORD, BLOCKMAP_RECORD);
        return read_frame(&r);
}

uint64_t blockmap_octets(const struct blockmap *m) {
        uint64_t octets = 0;

        for (uint32_t i = 0; i < m->n_frames; i++)
                octets += blockmap_frame(m, i).len;
        return octets;
}

void blockmap_write_header(struct writer *w, const struct blockmap *m) {
        write_octets(w, magic, MAGIC_LEN);
        write_u32(w, BLOCKMAP_VERSION);
        write_u32(w, m->sector_size);
        write_u64(w, m->disk_size);
        write_u64(w, m->frames_size);
        write_u32(w, m->n_frames);
        write_u32(w, 0);
}

void blockmap_write_frame(struct writer *w, const struct blockmap_frame *f) {
        write_u64(w, f->offset);
        write_u32(w, f->len);
        write_u32(w, f->packed_len);
        write_u64(w, f->packed_offset);
        write_octets(w, f->sha256, sizeof(f->sha256));
}
