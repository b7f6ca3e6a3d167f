/* Maps of disk images: what is written is read again, and what makes no sense is refused. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/blockmap.h"

enum { KIB = 1024, MIB = 1024 * KIB, FRAMES = 3, SIZE = BLOCKMAP_HEADER + FRAMES * BLOCKMAP_RECORD };

struct map {
        struct blockmap header;
        struct blockmap_frame frames[FRAMES];
        uint8_t octets[SIZE + 1];
        size_t len;
};

/* A disk of 16 MiB: a whole frame, one right behind it, and one at the very end. */
static struct map sound(void) {
        return (struct map){
                .header = { .disk_size = 16 * MIB,
                            .sector_size = 512,
                            .frames_size = 3500,
                            .n_frames = FRAMES },
                .frames = { { .offset = 0, .len = 4 * MIB, .packed_len = 1000, .sha256 = { 1 } },
                            { .offset = 4 * MIB, .len = 512, .packed_len = 500, .packed_offset = 1000 },
                            { .offset = 12 * MIB,
                              .len = 4 * MIB,
                              .packed_len = 2000,
                              .packed_offset = 1500 } },
                .len = SIZE,
        };
}

static void encode(struct map *m) {
        struct writer w = writer_of(m->octets, SIZE);

        blockmap_write_header(&w, &m->header);
        for (size_t i = 0; i < FRAMES; i++)
                blockmap_write_frame(&w, &m->frames[i]);
        assert_false(w.full);
        assert_int_equal(writer_len(&w), SIZE);
}

static void test_round_trip(void **state) {
        struct map m = sound();
        struct blockmap got;

        (void)state;
        encode(&m);
        assert_int_equal(blockmap_parse(m.octets, m.len, &got), 0);
        assert_int_equal(got.disk_size, m.header.disk_size);
        assert_int_equal(got.frames_size, m.header.frames_size);
        assert_int_equal(got.sector_size, 512);
        assert_int_equal(got.n_frames, FRAMES);
        assert_int_equal(blockmap_octets(&got), 8 * MIB + 512);
        for (uint32_t i = 0; i < FRAMES; i++) {
                struct blockmap_frame f = blockmap_frame(&got, i);
                assert_memory_equal(&f, &m.frames[i], sizeof(f));
        }
}

static void test_empty(void **state) {
        uint8_t octets[BLOCKMAP_HEADER];
        struct writer w = writer_of(octets, sizeof(octets));
        struct blockmap got;

        (void)state;
        blockmap_write_header(&w, &(struct blockmap){ .disk_size = MIB, .sector_size = 4096 });
        assert_int_equal(blockmap_parse(octets, sizeof(octets), &got), 0);
        assert_int_equal(got.n_frames, 0);
        assert_int_equal(blockmap_octets(&got), 0);
}

/* Before it is encoded. */
static void lie_sector(struct map *m) {
        m->header.sector_size = 1024;
}
static void lie_disk(struct map *m) {
        m->header.disk_size = 16 * MIB - 1;
}
static void lie_short_disk(struct map *m) {
        m->header.disk_size = 16 * MIB - 512;
}
static void lie_count(struct map *m) {
        m->header.n_frames = FRAMES + 1;
}
static void lie_huge_count(struct map *m) {
        m->header.n_frames = UINT32_MAX;
}
static void lie_blob_longer(struct map *m) {
        m->header.frames_size++;
}
static void lie_blob_shorter(struct map *m) {
        m->header.frames_size--;
}
static void lie_overlap(struct map *m) {
        m->frames[1].offset -= 512;
}
static void lie_backwards(struct map *m) {
        m->frames[2].offset = 0;
}
static void lie_odd_offset(struct map *m) {
        m->frames[1].offset++;
}
static void lie_odd_len(struct map *m) {
        m->frames[1].len++;
}
static void lie_no_len(struct map *m) {
        m->frames[1].len = 0;
}
static void lie_long(struct map *m) {
        m->frames[1].len = 4 * MIB + 512;
}
static void lie_far(struct map *m) {
        m->frames[2].offset = UINT64_MAX / 512 * 512;
}
static void lie_gap(struct map *m) {
        m->frames[1].packed_offset++;
        m->frames[1].packed_len--;
}
static void lie_no_packed(struct map *m) {
        m->frames[1].packed_len = 0;
        m->frames[2].packed_offset = 1000;
        m->header.frames_size = 3000;
}
static void lie_long_packed(struct map *m) {
        m->frames[2].packed_len = BLOCKMAP_PACKED_MAX + 1;
        m->header.frames_size = 1500 + BLOCKMAP_PACKED_MAX + 1;
}
static void lie_nothing(struct map *m) {
        (void)m;
}

/* After it. */
static void break_nothing(struct map *m) {
        (void)m;
}
static void break_magic(struct map *m) {
        m->octets[0] ^= 1;
}
static void break_later(struct map *m) {
        m->octets[11] = BLOCKMAP_VERSION + 1;
}
static void break_earlier(struct map *m) {
        m->octets[11] = 0;
}
static void break_zero(struct map *m) {
        m->octets[BLOCKMAP_HEADER - 1] = 1;
}
static void break_cut(struct map *m) {
        m->len--;
}
static void break_more(struct map *m) {
        m->len++;
}
static void break_head(struct map *m) {
        m->len = BLOCKMAP_HEADER - 1;
}

static const struct {
        const char *remark;
        void (*lie)(struct map *m);
        void (*spoil)(struct map *m);
        int result;
} rows[] = {
        { "nothing is wrong", lie_nothing, break_nothing, 0 },
        { "a sector of 1024", lie_sector, break_nothing, -EBADMSG },
        { "half a sector", lie_disk, break_nothing, -EBADMSG },
        { "the last frame ends behind the disk", lie_short_disk, break_nothing, -EBADMSG },
        { "more frames than records", lie_count, break_nothing, -EBADMSG },
        { "more frames than there may be", lie_huge_count, break_nothing, -EBADMSG },
        { "the blob goes on", lie_blob_longer, break_nothing, -EBADMSG },
        { "the blob ends early", lie_blob_shorter, break_nothing, -EBADMSG },
        { "two frames overlap", lie_overlap, break_nothing, -EBADMSG },
        { "a frame goes back", lie_backwards, break_nothing, -EBADMSG },
        { "a frame begins inside a sector", lie_odd_offset, break_nothing, -EBADMSG },
        { "a frame ends inside a sector", lie_odd_len, break_nothing, -EBADMSG },
        { "a frame of nothing", lie_no_len, break_nothing, -EBADMSG },
        { "a frame of more than 4 MiB", lie_long, break_nothing, -EBADMSG },
        { "a frame far behind the disk", lie_far, break_nothing, -EBADMSG },
        { "a gap in the blob", lie_gap, break_nothing, -EBADMSG },
        { "a frame packed to nothing", lie_no_packed, break_nothing, -EBADMSG },
        { "a frame that grew too much", lie_long_packed, break_nothing, -EBADMSG },
        { "something else", lie_nothing, break_magic, -EBADMSG },
        { "a later Bramble's", lie_nothing, break_later, -ENOTSUP },
        { "a version that never was", lie_nothing, break_earlier, -EBADMSG },
        { "what is zero today", lie_nothing, break_zero, -EBADMSG },
        { "cut in the last record", lie_nothing, break_cut, -EBADMSG },
        { "an octet too many", lie_nothing, break_more, -EBADMSG },
        { "cut in the header", lie_nothing, break_head, -EBADMSG },
};

static void test_lies(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct map m = sound();
                struct blockmap got = { .n_frames = 77 };

                rows[i].lie(&m);
                encode(&m);
                rows[i].spoil(&m);
                int r = blockmap_parse(m.octets, m.len, &got);
                if (r != rows[i].result)
                        fail_msg("%s: %d", rows[i].remark, r);
                assert_int_equal(got.n_frames, r == 0 ? FRAMES : 77); /* set on success only */
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_round_trip),
                cmocka_unit_test(test_empty),
                cmocka_unit_test(test_lies),
        };
        return cmocka_run_group_tests_name("blockmap", tests, NULL, NULL);
}
