/* Disk images with headers only: where is the FAT volume? */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/partition.h"

enum { SECTORS = 64, VOLUME_SECTORS = 16, TYPE_FAT32 = 0x0c, TYPE_LINUX = 0x83, TYPE_GPT = 0xee };

struct image {
        uint8_t octets[SECTORS * PARTITION_SECTOR];
        uint64_t size;
        int error;
};

static int read_image(void *ctx, uint64_t offset, void *buf, size_t len) {
        const struct image *i = ctx;

        if (i->error)
                return i->error;
        assert_true(offset <= i->size && len <= i->size - offset); /* asks for nothing behind the end */
        memcpy(buf, i->octets + offset, len);
        return 0;
}

static void put_u32(uint8_t *at, uint32_t v) {
        for (int i = 0; i < 4; i++)
                at[i] = (uint8_t)(v >> 8 * i);
}

static void put_fat(struct image *i, unsigned sector) {
        static const uint8_t head[] = { 0xeb, 0x3c, 0x90, 'm', 'k', 'f', 's', '.', 'f', 'a',
                                        't',  0,    2,    1,   1,   0,   2,   0,   2,   VOLUME_SECTORS,
                                        0,    0xf8, 1,    0 };
        uint8_t *at = i->octets + (size_t)sector * PARTITION_SECTOR;

        memcpy(at, head, sizeof(head));
        memcpy(at + 510, "\x55\xaa", 2);
}

static void put_mbr(struct image *i, unsigned slot, uint8_t type, uint32_t first, uint32_t n) {
        uint8_t *at = i->octets + 446 + 16 * slot;

        at[4] = type;
        put_u32(at + 8, first);
        put_u32(at + 12, n);
        memcpy(i->octets + 510, "\x55\xaa", 2);
}

static void put_gpt(struct image *i, unsigned slot, uint32_t first, uint32_t last) {
        uint8_t *header = i->octets + PARTITION_SECTOR,
                *at = i->octets + 2 * PARTITION_SECTOR + 128 * (size_t)slot;

        memcpy(header, "EFI PART", 8);
        put_u32(header + 72, 2);
        put_u32(header + 80, 8);
        put_u32(header + 84, 128);
        at[0] = 1;
        put_u32(at + 32, first);
        put_u32(at + 40, last);
}

static void make_whole(struct image *i) {
        put_fat(i, 0);
}
static void make_mbr(struct image *i) {
        put_mbr(i, 1, TYPE_LINUX, 40, 8);
        put_mbr(i, 2, TYPE_FAT32, 8, 20);
        put_fat(i, 8);
}
static void make_mbr_type_lies(struct image *i) {
        put_mbr(i, 0, TYPE_FAT32, 4, 4);
        put_mbr(i, 1, TYPE_LINUX, 8, 20);
        put_fat(i, 8);
}
static void make_gpt(struct image *i) {
        put_mbr(i, 0, TYPE_GPT, 1, SECTORS - 1);
        put_gpt(i, 0, 4, 7);
        put_gpt(i, 3, 10, 29);
        put_fat(i, 10);
}
static void make_gpt_without_fat(struct image *i) {
        put_mbr(i, 0, TYPE_GPT, 1, SECTORS - 1);
        put_gpt(i, 0, 4, 7);
}
static void make_gpt_backwards(struct image *i) {
        put_mbr(i, 0, TYPE_GPT, 1, SECTORS - 1);
        put_gpt(i, 0, 30, 10);
        put_fat(i, 30);
}
static void make_gpt_missing(struct image *i) {
        put_mbr(i, 0, TYPE_GPT, 1, SECTORS - 1);
}
static void make_no_fat(struct image *i) {
        put_mbr(i, 0, TYPE_LINUX, 8, 20);
}
static void make_cut_partition(struct image *i) {
        put_mbr(i, 0, TYPE_FAT32, 40, 40);
        put_fat(i, 40);
}
static void make_cut_volume(struct image *i) {
        put_fat(i, 0);
        i->size = (VOLUME_SECTORS - 1) * PARTITION_SECTOR;
}
static void make_beyond(struct image *i) {
        put_mbr(i, 0, TYPE_FAT32, UINT32_MAX, UINT32_MAX);
}
static void make_tiny(struct image *i) {
        put_fat(i, 0);
        i->size = PARTITION_SECTOR - 1;
}
static void make_nothing(struct image *i) {
        (void)i;
}
static void make_empty_table(struct image *i) {
        memcpy(i->octets + 510, "\x55\xaa", 2);
}
static void make_unreadable(struct image *i) {
        i->error = -EIO;
}

static const struct {
        const char *remark;
        void (*make)(struct image *i);
        int answer;
        struct partition_extent extent; /* in sectors */
} rows[] = {
        { "a FAT volume without a table", make_whole, PARTITION_FOUND, { 0, SECTORS, 0 } },
        { "the third of an MBR", make_mbr, PARTITION_FOUND, { 8, 20, 3 } },
        { "what lies there counts, not the type", make_mbr_type_lies, PARTITION_FOUND, { 8, 20, 2 } },
        { "the fourth of a GPT", make_gpt, PARTITION_FOUND, { 10, 20, 4 } },
        { "a GPT without FAT", make_gpt_without_fat, PARTITION_NO_FAT, { 0 } },
        { "a GPT entry that ends before it begins", make_gpt_backwards, PARTITION_NO_FAT, { 0 } },
        { "a protective MBR without its GPT", make_gpt_missing, PARTITION_NO_TABLE, { 0 } },
        { "only a Linux partition", make_no_fat, PARTITION_NO_FAT, { 0 } },
        { "the partition goes on behind the end", make_cut_partition, PARTITION_CUT, { 0 } },
        { "the volume goes on behind the end", make_cut_volume, PARTITION_CUT, { 0 } },
        { "a partition that begins behind the end", make_beyond, PARTITION_NO_FAT, { 0 } },
        { "less than a sector", make_tiny, PARTITION_NO_TABLE, { 0 } },
        { "zeros", make_nothing, PARTITION_NO_TABLE, { 0 } },
        { "a table without entries", make_empty_table, PARTITION_NO_TABLE, { 0 } },
        { "a disk that cannot be read", make_unreadable, -EIO, { 0 } },
};

static void test_images(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct image image = { .size = sizeof(image.octets) };
                struct partition_extent got = { 0 };

                rows[i].make(&image);
                int r = partition_find_fat(read_image, &image, image.size, &got);
                if (r != rows[i].answer)
                        fail_msg("%s: answer %d", rows[i].remark, r);
                assert_int_equal(got.offset, rows[i].extent.offset * PARTITION_SECTOR);
                assert_int_equal(got.len, rows[i].extent.len * PARTITION_SECTOR);
                assert_int_equal(got.number, rows[i].extent.number);
        }
}

/* Two primary ones, and two in the extended one between them. */
static void test_logical(void **state) {
        struct image i = { .size = sizeof(i.octets) };
        struct partition_table t;
        uint8_t *ebr = i.octets + 20 * PARTITION_SECTOR, *next = i.octets + 30 * PARTITION_SECTOR;

        (void)state;
        put_mbr(&i, 0, TYPE_LINUX, 2, 4);
        put_mbr(&i, 1, 0x05, 20, 30);
        put_mbr(&i, 2, TYPE_LINUX, 50, 4);
        ebr[446 + 4] = next[446 + 4] = TYPE_LINUX;
        put_u32(ebr + 446 + 8, 1); /* from this table */
        put_u32(ebr + 446 + 12, 5);
        ebr[462 + 4] = 0x05;
        put_u32(ebr + 462 + 8, 10); /* from the first one */
        put_u32(ebr + 462 + 12, 10);
        put_u32(next + 446 + 8, 2);
        put_u32(next + 446 + 12, 6);
        memcpy(ebr + 510, "\x55\xaa", 2);
        memcpy(next + 510, "\x55\xaa", 2);

        static const struct partition_extent want[] = {
                { 2, 4, 1 }, { 50, 4, 3 }, { 21, 5, 5 }, { 32, 6, 6 }
        };
        assert_int_equal(partition_list(read_image, &i, i.size, &t), PARTITION_FOUND);
        assert_int_equal(t.n, ARRAY_LEN(want));
        for (size_t n = 0; n < t.n; n++) {
                assert_int_equal(t.items[n].offset, want[n].offset * PARTITION_SECTOR);
                assert_int_equal(t.items[n].len, want[n].len * PARTITION_SECTOR);
                assert_int_equal(t.items[n].number, want[n].number);
        }

        /* A chain that leads back to its begin ends all the same. */
        put_u32(ebr + 462 + 8, 0);
        put_u32(next + 462 + 8, 10);
        next[462 + 4] = 0x05;
        put_u32(ebr + 462 + 8, 10);
        assert_int_equal(partition_list(read_image, &i, i.size, &t), PARTITION_FOUND);
        assert_true(t.n <= 2 + 64);
}

/* The GPT of a disk whose sectors have 4096 octets. */
static void test_large_sectors(void **state) {
        struct image i = { .size = sizeof(i.octets) };
        struct partition_table t;
        uint8_t *header = i.octets + 4096, *entry = i.octets + 8192;

        (void)state;
        put_mbr(&i, 0, TYPE_GPT, 1, 7);
        memcpy(header, "EFI PART", 8);
        put_u32(header + 72, 2);
        put_u32(header + 80, 1);
        put_u32(header + 84, 128);
        entry[0] = 1;
        put_u32(entry + 32, 3);
        put_u32(entry + 40, 5);
        assert_int_equal(partition_list(read_image, &i, i.size, &t), PARTITION_FOUND);
        assert_int_equal(t.sector_size, 4096);
        assert_int_equal(t.n, 1);
        assert_int_equal(t.items[0].offset, 3 * 4096);
        assert_int_equal(t.items[0].len, 3 * 4096);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_images), cmocka_unit_test(test_logical),
                                            cmocka_unit_test(test_large_sectors) };
        return cmocka_run_group_tests_name("partition", tests, NULL, NULL);
}
