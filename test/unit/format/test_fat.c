/* FAT volumes with headers and tables only: which of their octets are in use? */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/fat.h"
#include "format/fat_root.h"

enum { SECTOR = 512, TABLE = 4 * SECTOR, OCTETS = TABLE + 600 * SECTOR };

struct volume {
        uint8_t octets[OCTETS]; /* its begin */
        int error;
        uint64_t used, last_end;
};

static int read_volume(void *ctx, uint64_t offset, void *buf, size_t len) {
        const struct volume *v = ctx;

        if (v->error)
                return v->error;
        assert_true(offset <= OCTETS && len <= OCTETS - offset);
        memcpy(buf, v->octets + offset, len);
        return 0;
}

static int note(void *ctx, uint64_t offset, uint64_t len) {
        struct volume *v = ctx;

        assert_true(offset >= v->last_end); /* in their order, each once */
        v->last_end = offset + len;
        v->used += len;
        return 0;
}

/* 4 reserved sectors, one table, clusters of one sector. */
static void put_boot(struct volume *v, unsigned root_entries, uint32_t sectors, uint32_t table_sectors) {
        uint8_t head[] = { 0xeb,
                           0x3c,
                           0x90,
                           'm',
                           'k',
                           'f',
                           's',
                           '.',
                           'f',
                           'a',
                           't',
                           0,
                           2,
                           1,
                           4,
                           0,
                           1,
                           (uint8_t)root_entries,
                           (uint8_t)(root_entries >> 8) };

        memcpy(v->octets, head, sizeof(head));
        v->octets[21] = 0xf8;
        for (int i = 0; i < 4; i++) {
                v->octets[32 + i] = (uint8_t)(sectors >> 8 * i);
                v->octets[36 + i] = (uint8_t)(table_sectors >> 8 * i); /* as in FAT32 */
        }
        memcpy(v->octets + 510, "\x55\xaa", 2);
}

static uint64_t used_of(struct volume *v, const struct fat_volume *f) {
        assert_int_equal(fat_each_used(f, read_volume, note, v), 0);
        return v->used;
}

static void test_twelve_bits(void **state) {
        static struct volume v;
        struct fat_volume f;

        (void)state;
        put_boot(&v, 16, 2000, 6);
        assert_int_equal(fat_volume_parse(v.octets, &f), 0);
        assert_int_equal(f.bits, 12);
        assert_int_equal(f.n_clusters, 2000 - 4 - 6 - 1);
        assert_int_equal(used_of(&v, &f), 11 * SECTOR);

        /* Clusters 2 and 3 share the octet between them; 3 alone is in use. */
        v.octets[TABLE + 4] = 0xf0;
        v.octets[TABLE + 5] = 0xff;
        v.used = v.last_end = 0;
        assert_int_equal(used_of(&v, &f), 12 * SECTOR);
        assert_int_equal(v.last_end, 11 * SECTOR + 2 * SECTOR);
}

static void test_sixteen_bits(void **state) {
        static struct volume v;
        struct fat_volume f;

        (void)state;
        put_boot(&v, 512, 20000, 80);
        v.octets[TABLE + 2 * 5000] = 1;
        assert_int_equal(fat_volume_parse(v.octets, &f), 0);
        assert_int_equal(f.bits, 16);
        assert_int_equal(used_of(&v, &f), (4 + 80 + 32 + 1) * SECTOR);
        assert_int_equal(v.last_end, (4 + 80 + 32 + 4998 + 1) * SECTOR);
}

static void test_thirty_two_bits(void **state) {
        static struct volume v;
        struct fat_volume f;

        (void)state;
        put_boot(&v, 0, 70000, 550);
        v.octets[TABLE + 4 * 2 + 3] = 0xf0; /* the highest four bits say nothing */
        v.octets[TABLE + 4 * 69000 + 1] = 9;
        assert_int_equal(fat_volume_parse(v.octets, &f), 0);
        assert_int_equal(f.bits, 32);
        assert_int_equal(used_of(&v, &f), (4 + 550 + 1) * SECTOR);
        assert_int_equal(v.last_end, (uint64_t)(4 + 550 + 68998 + 1) * SECTOR);
}

/* ---- names ---- */

static struct volume named;
static char names[200];

static int collect(void *ctx, const char *name) {
        assert_ptr_equal(ctx, &named);
        strcat(strcat(names, name), " ");
        return 0;
}

static void put_entry(uint64_t at, const char *name, uint8_t attribute) {
        memcpy(named.octets + at, name, 11);
        named.octets[at + 11] = attribute;
}

static int names_of(void) {
        struct fat_volume f;

        names[0] = '\0';
        assert_int_equal(fat_volume_parse(named.octets, &f), 0);
        return fat_root_each(&f, read_volume, collect, &named);
}

static void test_names_in_the_root(void **state) {
        (void)state;
        /* FAT12: the root lies behind the table. */
        memset(&named, 0, sizeof(named));
        put_boot(&named, 16, 2000, 6);
        put_entry(10 * SECTOR, "BOOTFS     ", 0x08);
        put_entry(10 * SECTOR + 32, "BOOTCODEBIN", 0x20);
        put_entry(10 * SECTOR + 64, "\xe5LD     BIN", 0x20);
        put_entry(10 * SECTOR + 96, "Ab\0o\0v\0e\0r", 0x0f); /* of a long name */
        put_entry(10 * SECTOR + 128, "OVERLAYS   ", 0x10);
        assert_int_equal(names_of(), 0);
        assert_string_equal(names, "BOOTCODE.BIN OVERLAYS ");
        /* A root that is full ends with its area. */
        for (unsigned i = 0; i < 16; i++)
                put_entry(10 * SECTOR + 32 * i, "MLO        ", 0x20);
        assert_int_equal(names_of(), 0);
        assert_int_equal(strlen(names), 16 * 4);

        /* FAT32: it is a chain of clusters. */
        memset(&named, 0, sizeof(named));
        put_boot(&named, 0, 70000, 550);
        named.octets[44] = 5;
        named.octets[TABLE + 4 * 5] = 3;
        memcpy(named.octets + TABLE + 4 * 3, "\xff\xff\xff\x0f", 4);
        for (unsigned i = 0; i < 16; i++)
                put_entry(TABLE + (550 + 3) * SECTOR + 32 * i, "\xe5          ", 0x20);
        put_entry(TABLE + (550 + 1) * SECTOR, "RPI_EFI FD ", 0x20);
        assert_int_equal(names_of(), 0);
        assert_string_equal(names, "RPI_EFI.FD ");
        named.octets[TABLE + 4 * 5] = 1; /* a chain that leads nowhere */
        assert_int_equal(names_of(), -EBADMSG);
        named.octets[TABLE + 4 * 5] = 5; /* and one in a circle ends */
        assert_int_equal(names_of(), 0);
        named.error = -EIO;
        assert_int_equal(
                fat_root_each(&(struct fat_volume){ .n_clusters = 9, .root_size = 512, .data_offset = 512 },
                              read_volume, collect, &named),
                -EIO);
}

static void test_labels(void **state) {
        static struct volume v;
        struct fat_volume f;

        (void)state;
        put_boot(&v, 0, 70000, 550);
        assert_int_equal(fat_volume_parse(v.octets, &f), 0);
        assert_string_equal(f.label, "");
        memcpy(v.octets + 66, "\x29SERIboot       ", 16);
        assert_int_equal(fat_volume_parse(v.octets, &f), 0);
        assert_string_equal(f.label, "boot");

        put_boot(&v, 512, 20000, 0);
        v.octets[22] = 80; /* octets of the table, as before FAT32 */
        memcpy(v.octets + 38, "\x29SERIubuntu-seed", 16);
        assert_int_equal(fat_volume_parse(v.octets, &f), 0);
        assert_int_equal(f.bits, 16);
        assert_string_equal(f.label, "ubuntu-seed");
}

static void test_nonsense(void **state) {
        static struct volume v;
        struct fat_volume f;

        (void)state;
        assert_int_equal(fat_volume_parse(v.octets, &f), -EBADMSG);
        put_boot(&v, 16, 2000, 2); /* a table that ends before the clusters do */
        assert_int_equal(fat_volume_parse(v.octets, &f), 0);
        assert_int_equal(fat_each_used(&f, read_volume, note, &v), -EBADMSG);
        put_boot(&v, 16, 8, 6); /* no room for a cluster */
        assert_int_equal(fat_volume_parse(v.octets, &f), 0);
        assert_int_equal(fat_each_used(&f, read_volume, note, &v), -EBADMSG);
        put_boot(&v, 16, 2000, 6);
        assert_int_equal(fat_volume_parse(v.octets, &f), 0);
        v.error = -EIO;
        assert_int_equal(fat_each_used(&f, read_volume, note, &v), -EIO);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_twelve_bits),       cmocka_unit_test(test_sixteen_bits),
                cmocka_unit_test(test_thirty_two_bits),   cmocka_unit_test(test_labels),
                cmocka_unit_test(test_names_in_the_root), cmocka_unit_test(test_nonsense),
        };
        return cmocka_run_group_tests_name("fat", tests, NULL, NULL);
}
