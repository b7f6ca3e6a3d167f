/* Partition tables read, changed and written: what comes out is read in again, as a disk's next user would.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/disk_table.h"

enum { SECTOR = 512, MIB = (1 << 20) / SECTOR, DISK = 64 * MIB };

static uint8_t head[DISK_TABLE_HEAD], tail[DISK_TABLE_HEAD], random_octets[DISK_TABLE_RANDOM];
static const uint8_t linux_type[] = "\xaf\x3d\xc6\x0f\x83\x84\x72\x47\x8e\x79\x3d\x69\xd8\x47\x7d\xe4";
static const uint8_t esp_type[] = "\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b";

/* An MBR as fdisk makes it: FAT at 1 MiB, Linux behind it. */
static struct disk_table mbr(void) {
        static const uint8_t entries[] = { 0x80, 0x20, 0x21, 0,    0x0c, 0x8a, 0x08, 0x82, 0, 8,    0,
                                           0,    0,    0x80, 0,    0,    0,    1,    2,    3, 0x83, 4,
                                           5,    6,    0,    0x88, 0,    0,    0,    0x40, 0, 0 };
        struct disk_table t;

        memset(head, 0, sizeof(head));
        memcpy(head, "boot code", 9);
        memcpy(head + 440, "\x78\x56\x34\x12", 4);
        memcpy(head + 446, entries, sizeof(entries));
        memcpy(head + 510, "\x55\xaa", 2);
        assert_int_equal(disk_table_parse(head, sizeof(head), SECTOR, &t), DISK_TABLE_FOUND);
        return t;
}

/* A GPT whose root is number 1 and lies last, as cloud images have it. */
static struct disk_table gpt(uint32_t sector_size) {
        struct disk_table t = {
                .kind = DISK_TABLE_GPT, .sector_size = sector_size, .n_entries = 128, .n_parts = 2
        };
        struct writer w = writer_of(t.mbr_tail + 2, 16);
        const uint64_t mib = (1 << 20) / sector_size;

        write_octets(&w, "\0\0\2\0\xee\xff\xff\xff\1\0\0\0\xff\xff\0\0", 16);
        memcpy(t.mbr_tail + 66, "\x55\xaa", 2);
        t.first_usable = sector_size == SECTOR ? 34 : 6;
        memset(t.disk_id, 0xd1, sizeof(t.disk_id));
        t.parts[0] = (struct disk_part){ .number = 1, .first = 10 * mib, .n = 20 * mib };
        memcpy(t.parts[0].type, linux_type, 16);
        memcpy(t.parts[0].id, "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
        t.parts[1] = (struct disk_part){ .number = 15, .first = mib, .n = 9 * mib, .attributes = 4 };
        memcpy(t.parts[1].type, esp_type, 16);
        memcpy(t.parts[1].name, "E\0S\0P\0", 6);
        return t;
}

static struct disk_table written(const struct disk_table *t, uint64_t n_sectors) {
        struct writer w = writer_of(head, sizeof(head)), w2 = writer_of(tail, sizeof(tail));
        struct disk_table again;

        memset(head, 0xee, sizeof(head));
        disk_table_write_head(t, n_sectors, &w);
        disk_table_write_tail(t, n_sectors, &w2);
        assert_false(w.full || w2.full);
        assert_int_equal(writer_len(&w2), t->kind == DISK_TABLE_MBR  ? 0
                                          : t->sector_size == SECTOR ? 33 * SECTOR
                                                                     : 5 * 4096);
        assert_int_equal(disk_table_parse(head, sizeof(head), t->sector_size, &again), DISK_TABLE_FOUND);
        return again;
}

static void an_mbr_is_read_and_written(void **state) {
        (void)state;
        struct disk_table t = mbr();
        uint8_t before[SECTOR];

        assert_int_equal(t.n_parts, 2);
        assert_int_equal(t.mbr_id, 0x12345678);
        assert_int_equal(t.parts[0].first, 2048);
        assert_int_equal(t.parts[1].number, 2);
        assert_int_equal(t.parts[1].n, 0x4000);
        memcpy(before, head, sizeof(before));
        (void)written(&t, DISK);
        assert_memory_equal(head, before, sizeof(before)); /* octet for octet when nothing has changed */
        assert_int_equal(head[SECTOR], 0xee);              /* and nothing behind it */
}

static void a_gpt_is_read_and_written(void **state) {
        (void)state;
        const uint32_t sizes[] = { 512, 4096 };

        for (size_t i = 0; i < 2; i++) {
                struct disk_table t = gpt(sizes[i]), again = written(&t, DISK);
                assert_int_equal(again.kind, DISK_TABLE_GPT);
                assert_int_equal(again.n_parts, 2);
                assert_int_equal(again.parts[1].number, 15);
                assert_int_equal(again.parts[1].attributes, 4);
                assert_memory_equal(again.parts[1].name, "E\0S\0P\0", 6);
                assert_memory_equal(again.disk_id, t.disk_id, 16);
                assert_int_equal(disk_part_use(&again, &again.parts[1]), DISK_PART_ESP);
        }
}

static void what_is_broken_is_left_alone(void **state) {
        (void)state;
        struct disk_table t = gpt(SECTOR), out;

        (void)written(&t, DISK);
        assert_int_equal(disk_table_parse(head, 40, SECTOR, &out), DISK_TABLE_NONE);
        assert_int_equal(disk_table_parse(head, 2 * SECTOR, SECTOR, &out), DISK_TABLE_UNUSUAL); /* cut */
        head[SECTOR + 40] ^= 1; /* in the header */
        assert_int_equal(disk_table_parse(head, sizeof(head), SECTOR, &out), DISK_TABLE_UNUSUAL);
        head[SECTOR + 40] ^= 1;
        head[3 * SECTOR] ^= 1; /* in the entries */
        assert_int_equal(disk_table_parse(head, sizeof(head), SECTOR, &out), DISK_TABLE_UNUSUAL);
        head[510] = 0;
        assert_int_equal(disk_table_parse(head, sizeof(head), SECTOR, &out), DISK_TABLE_NONE);
}

static void the_last_partition_grows(void **state) {
        (void)state;
        struct disk_table t = mbr();
        struct disk_part *p = disk_table_grow(&t, DISK, 0);

        assert_non_null(p);
        assert_int_equal(p->number, 2);
        assert_int_equal(p->first + p->n, DISK);
        assert_memory_equal(p->mbr_chs, "\xfe\xff\xff\xfe\xff\xff", 6);
        assert_null(disk_table_grow(&t, DISK, 0)); /* once is enough */

        t = gpt(SECTOR);
        p = disk_table_grow(&t, DISK, 0);
        assert_int_equal(p->number, 1); /* the one that lies last, not the one with the highest number */
        assert_int_equal(p->first + p->n, DISK - MIB); /* GPT's backup needs the last sectors; whole MiB */
        t = gpt(SECTOR);
        p = disk_table_grow(&t, DISK, 8 * MIB);
        assert_int_equal(p->first + p->n, DISK - 9 * MIB);
        assert_null(disk_table_grow(&t, 31 * MIB, 0)); /* no room */

        t = mbr();
        t.parts[1].mbr_type = 0x05; /* logical partitions stay as they are */
        assert_null(disk_table_grow(&t, DISK, 0));
        t.parts[1].mbr_type = 0x82; /* nobody wants more swap */
        assert_null(disk_table_grow(&t, DISK, 0));
}

static void an_mbr_grows_no_further_than_it_can_count(void **state) {
        (void)state;
        struct disk_table t = mbr();
        const struct disk_part *p = disk_table_grow(&t, 1ull << 33, 0);

        assert_in_range(p->first + p->n, UINT32_MAX - 2048, UINT32_MAX);
}

static void new_ids_are_new(void **state) {
        (void)state;
        struct disk_table t = gpt(SECTOR);
        char text[DISK_TABLE_UUID_TEXT];

        for (size_t i = 0; i < sizeof(random_octets); i++)
                random_octets[i] = (uint8_t)(i * 7);
        assert_string_equal(disk_part_uuid(&t, &t.parts[0], text), "00112233-4455-6677-8899-aabbccddeeff");
        disk_table_renew(&t, random_octets);
        assert_string_equal(disk_part_uuid(&t, &t.parts[0], text), "857e7770-938c-419a-a8af-b6bdc4cbd2d9");
        assert_string_not_equal(disk_part_uuid(&t, &t.parts[1], text),
                                "857e7770-938c-419a-a8af-b6bdc4cbd2d9");

        t = mbr();
        assert_string_equal(disk_part_uuid(&t, &t.parts[1], text), "12345678-02");
        disk_table_renew(&t, random_octets);
        assert_string_equal(disk_part_uuid(&t, &t.parts[1], text), "150e0701-02");
        t = written(&t, DISK);
        assert_int_equal(t.mbr_id, 0x150e0701);
}

static void a_partition_comes_behind_the_last(void **state) {
        (void)state;
        struct disk_table t = gpt(SECTOR);
        const struct disk_part *p = disk_table_add_data(&t, 4 * MIB, DISK, random_octets);

        assert_non_null(p);
        assert_int_equal(p->number, 2);
        assert_int_equal(p->first, 30 * MIB);
        assert_int_equal(t.n_parts, 3);
        assert_null(disk_table_add_data(&t, 40 * MIB, DISK, random_octets));

        t = mbr();
        assert_non_null(disk_table_add_data(&t, MIB, DISK, random_octets));
        assert_non_null(disk_table_add_data(&t, MIB, DISK, random_octets));
        assert_null(disk_table_add_data(&t, MIB, DISK, random_octets)); /* an MBR has four */
}

static void an_image_stands_behind_what_is_kept(void **state) {
        (void)state;
        struct disk_table kept = mbr(), image = gpt(SECTOR), joined;
        uint64_t shift;
        char text[DISK_TABLE_UUID_TEXT];

        assert_int_equal(disk_table_put_behind(&kept, &image, &joined, &shift), 0);
        assert_int_equal(joined.kind, DISK_TABLE_MBR); /* as the firmware knows it */
        assert_int_equal(joined.n_parts, 3);
        assert_int_equal(joined.parts[0].mbr_flags, 0x80);
        assert_int_equal(joined.parts[0].n, 0x8000);
        assert_int_equal(shift, 17 * MIB - MIB); /* behind 1 + 16 MiB, and the image begins at 1 */
        assert_int_equal(joined.parts[1].first, 10 * MIB + shift);
        assert_int_equal(joined.parts[1].mbr_type, 0x83);
        assert_int_equal(joined.parts[2].mbr_type, 0xef);
        assert_string_equal(disk_part_uuid(&joined, &joined.parts[1], text), "12345678-02");

        kept = gpt(SECTOR);
        image = mbr();
        assert_int_equal(disk_table_put_behind(&kept, &image, &joined, &shift), 0);
        assert_memory_equal(joined.parts[1].type, linux_type, 16);

        image = gpt(SECTOR);
        image.parts[2] = image.parts[3] = image.parts[1];
        image.n_parts = 4;
        kept = mbr();
        assert_int_equal(disk_table_put_behind(&kept, &image, &joined, &shift), -E2BIG);
        kept.parts[0].number = 3;
        assert_int_equal(disk_table_put_behind(&kept, &image, &joined, &shift), -ENOENT);
}

static void the_protective_entry_covers_the_disk(void **state) {
        (void)state;
        struct disk_table t = gpt(SECTOR);

        (void)written(&t, DISK);
        assert_memory_equal(head + 446 + 8, "\1\0\0\0\xff\xff\1\0", 8);
        memcpy(t.mbr_tail + 2 + 16, "\x80\1\1\0\x0c\xfe\xff\xff\0\x08\0\0\0\x80\0\0",
               16); /* a hybrid's own entry */
        (void)written(&t, DISK);
        assert_memory_equal(head + 446 + 16, "\x80\1\1\0\x0c\xfe\xff\xff\0\x08\0\0\0\x80\0\0", 16);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_mbr_is_read_and_written),
                cmocka_unit_test(a_gpt_is_read_and_written),
                cmocka_unit_test(what_is_broken_is_left_alone),
                cmocka_unit_test(the_last_partition_grows),
                cmocka_unit_test(an_mbr_grows_no_further_than_it_can_count),
                cmocka_unit_test(new_ids_are_new),
                cmocka_unit_test(a_partition_comes_behind_the_last),
                cmocka_unit_test(an_image_stands_behind_what_is_kept),
                cmocka_unit_test(the_protective_entry_covers_the_disk),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
