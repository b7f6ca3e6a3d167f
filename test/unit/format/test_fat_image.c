/* Volumes of ours read as anybody reads FAT: by boot sector, tables and directories. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "format/fat.h"
#include "format/fat_entry.h"
#include "format/fat_image.h"

struct volume {
        struct fat_image layout;
        struct fat_volume says;
        uint8_t *head;
};

static void make(const struct fat_image_file *files, size_t n, struct volume *ret) {
        assert_int_equal(fat_image_measure(files, n, &ret->layout, NULL), 0);
        ret->head = malloc(ret->layout.head_size);
        assert_non_null(ret->head);
        memset(ret->head, 0xee, ret->layout.head_size);
        fat_image_write_head(&ret->layout, files, n, "BOOT", ret->head);
        assert_int_equal(fat_volume_parse(ret->head, &ret->says), 0);
}

/* The root's first entry: behind both tables. */
static const uint8_t *root_of(const struct volume *v) {
        return v->head + v->says.fat_offset + 2 * v->says.fat_size;
}

static const uint8_t *cluster_of(const struct volume *v, unsigned cluster) {
        return v->head + v->says.data_offset + (size_t)(cluster - 2) * v->says.cluster_size;
}

static unsigned entry(const struct volume *v, unsigned cluster) {
        const uint8_t *at = v->head + v->says.fat_offset + 2 * (size_t)cluster;
        return at[0] | (unsigned)at[1] << 8;
}

static unsigned cluster_in(const uint8_t *at) {
        return at[26] | (unsigned)at[27] << 8;
}

static void files_and_folders_are_where_the_tables_lead(void **state) {
        (void)state;
        const struct fat_image_file files[] = {
                { "bcm2712-rpi-5-b.dtb", 1025 },
                { "config.txt", 12 },
                { "empty", 0 },
                { "kernel_2712.img", 3 },
                { "overlays/README", 1 },
                { "overlays/deep/er.dtbo", 700 },
                { "overlays/vc4-kms-v3d.dtbo", 512 },
        };
        struct volume v;

        make(files, ARRAY_LEN(files), &v);
        assert_int_equal(v.says.bits, 16);
        assert_int_equal(v.says.size, v.layout.size);
        assert_int_equal(v.says.n_clusters, v.layout.n_clusters);
        assert_int_equal(v.says.cluster_size, 512);

        const uint8_t *at = root_of(&v);
        assert_memory_equal(at, "BOOT       \x08", 12);
        at += FAT_ENTRY_SIZE;
        assert_memory_equal(at, "OVERLAYS   \x10\x08", 13); /* small letters, and no long name needed */
        assert_int_equal(cluster_in(at), 2);
        assert_memory_equal(at + 32, "\x42-\0b\0.\0d\0t\0\x0f", 12); /* the end of the long name, first */
        assert_memory_equal(at + 96, "FILE~000   \x20", 12);
        assert_int_equal(cluster_in(at + 96), 4); /* behind the two folders */
        assert_int_equal(entry(&v, 4), 5);
        assert_int_equal(entry(&v, 5), 6);
        assert_int_equal(entry(&v, 6), 0xffff);
        assert_memory_equal(at + 128, "CONFIG  TXT\x20\x18", 13);
        assert_int_equal(at[128 + 28], 12);
        assert_int_equal(cluster_in(at + 160), 0); /* what is empty has no cluster */

        const uint8_t *overlays = cluster_of(&v, 2);
        assert_memory_equal(overlays, ".          \x10", 12);
        assert_int_equal(cluster_in(overlays), 2);
        assert_memory_equal(overlays + 32, "..         \x10", 12);
        assert_int_equal(cluster_in(overlays + 32), 0);
        assert_memory_equal(overlays + 64, "DEEP       \x10\x08", 13);
        assert_memory_equal(overlays + 96, "README     \x20\x00", 13);
        const uint8_t *deep = cluster_of(&v, cluster_in(overlays + 64));
        assert_int_equal(cluster_in(deep + 32), 2); /* ".." leads to overlays */
        assert_memory_equal(deep + 64,
                            "\x41"
                            "e\0r\0.\0d\0",
                            9);
        assert_memory_equal(v.head + 512, v.head + 512 + v.says.fat_size, v.says.fat_size);
        assert_int_equal(fat_image_padding(&v.layout, 1025), 511);
        assert_int_equal(fat_image_padding(&v.layout, 512), 0);
        free(v.head);
}

/* Each folder and file takes its clusters in turn, and what is left is free: the whole is as long as it says.
 */
static void the_pieces_make_the_whole(void **state) {
        (void)state;
        static const uint64_t sizes[] = { 1, 40000000, 96000000, 200000000 };

        for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
                const struct fat_image_file files[] = { { "a/b", 7 }, { "kernel8.img", sizes[i] } };
                struct volume v;
                make(files, 2, &v);
                uint64_t whole = v.layout.head_size + v.layout.tail;
                for (size_t k = 0; k < 2; k++)
                        whole += files[k].size + fat_image_padding(&v.layout, files[k].size);
                assert_int_equal(whole, v.layout.size);
                assert_int_equal(v.says.bits, 16);
                assert_int_equal(v.says.size, whole);
                free(v.head);
        }
}

/* Clusters are doubled in time: with more than 65508 of them, drivers may take the volume for FAT32. */
static void clusters_grow_before_there_are_too_many(void **state) {
        (void)state;
        enum { MOST = 65508 };
        static const struct {
                uint64_t octets;
                uint32_t cluster_size;
        } rows[] = { { 512ULL * MOST, 512 },
                     { 512ULL * MOST + 1, 1024 },
                     { 1024ULL * MOST, 1024 },
                     { 1024ULL * MOST + 1, 2048 } };
        struct fat_image layout;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct fat_image_file file = { "kernel8.img", rows[i].octets };
                assert_int_equal(fat_image_measure(&file, 1, &layout, NULL), 0);
                assert_int_equal(layout.cluster_size, rows[i].cluster_size);
                assert_true(layout.n_clusters <= MOST);
        }
}

/* As the specification has it (fatgen103, ChkSum): a long name belongs to the short one behind it. */
static uint8_t checksum_of(const uint8_t *short_name) {
        unsigned sum = 0;

        for (size_t i = 0; i < 11; i++)
                sum = ((sum & 1 ? 0x80 : 0) + (sum >> 1) + short_name[i]) & 0xff;
        return (uint8_t)sum;
}

static void many_files_of_one_folder_have_names_of_their_own(void **state) {
        (void)state;
        enum { N = 600 };
        static struct fat_image_file files[N];
        static char paths[N][40];
        struct volume v;

        for (unsigned i = 0; i < N; i++) {
                (void)snprintf(paths[i], sizeof(paths[i]), "overlays/some-overlay-%04u.dtbo", i);
                files[i] = (struct fat_image_file){ paths[i], i };
        }
        make(files, N, &v);
        const uint8_t *at = cluster_of(&v, 2) + 64;
        for (unsigned i = 0; i < N; i++, at += 96) {
                char expected[12];
                (void)snprintf(expected, sizeof(expected), "FILE~%03X   ", i);
                assert_memory_equal(at + 64, expected, 11);
                assert_int_equal(at[13], checksum_of(at + 64));
                assert_int_equal(at[32 + 13], checksum_of(at + 64));
        }
        free(v.head);
}

static void what_fat_cannot_have_is_refused(void **state) {
        (void)state;
        static const struct {
                struct fat_image_file files[2];
                int error;
                const char *bad;
        } rows[] = {
                { { { "a", 1 }, { "a:b", 1 } }, -EINVAL, "a:b" },
                { { { "a", 1 }, { "b.", 1 } }, -EINVAL, "b." },
                { { { "a", 1 }, { "b//c", 1 } }, -EINVAL, "b//c" },
                { { { "../a", 1 }, { "b", 1 } }, -EINVAL, "../a" },
                { { { "/a", 1 }, { "b", 1 } }, -EINVAL, "/a" },
                { { { "a", 1 }, { "b\xc3\xa4r", 1 } }, -EINVAL, "b\xc3\xa4r" },
                { { { "Kernel.img", 1 }, { "kernel.img", 1 } }, -EEXIST, "kernel.img" },
                { { { "a", 1 }, { "a/b", 1 } }, -EEXIST, "a" }, /* a file and a folder */
                { { { "a", 1 }, { "b", 3ULL << 30 } }, -E2BIG, NULL },
                { { { "a", UINT64_MAX }, { "b", UINT64_MAX } }, -E2BIG, NULL },
        };
        struct fat_image layout;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const char *bad = NULL;
                assert_int_equal(fat_image_measure(rows[i].files, 2, &layout, &bad), rows[i].error);
                if (rows[i].bad)
                        assert_string_equal(bad, rows[i].bad);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(files_and_folders_are_where_the_tables_lead),
                cmocka_unit_test(the_pieces_make_the_whole),
                cmocka_unit_test(clusters_grow_before_there_are_too_many),
                cmocka_unit_test(many_files_of_one_folder_have_names_of_their_own),
                cmocka_unit_test(what_fat_cannot_have_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
