/* A volume of ours as somebody else's FAT: found by its boot sector, its files where the tables lead. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/partition.h"
#include "format/seed_volume.h"

enum { ROOT_AT = 512 + 16 * 512, DATA_AT = ROOT_AT + 128 * 32, CLUSTER = 2048 };

static uint8_t volume[SEED_VOLUME_SIZE];

static int read_volume(void *ctx, uint64_t offset, void *buf, size_t len) {
        (void)ctx;
        memcpy(buf, volume + offset, len);
        return 0;
}

static unsigned entry(unsigned cluster) {
        const uint8_t *at = volume + 512 + cluster * 3 / 2;
        return cluster % 2 ? at[0] >> 4 | (unsigned)at[1] << 4 : at[0] | (unsigned)(at[1] & 0xf) << 8;
}

static void files_are_where_the_tables_lead(void **state) {
        (void)state;
        static char long_data[5000];
        const struct seed_file files[] = { { "meta-data", "instance-id: 1\n", 15 },
                                           { "user-data", long_data, sizeof(long_data) },
                                           { "network-config", "", 0 } };
        struct partition_extent found;

        memset(long_data, 'x', sizeof(long_data));
        assert_int_equal(seed_volume_make(files, ARRAY_LEN(files), "CIDATA", 0x1234, volume), 0);
        assert_int_equal(partition_find_fat(read_volume, NULL, sizeof(volume), &found), PARTITION_FOUND);
        assert_int_equal(found.number, 0);

        const uint8_t *root = volume + ROOT_AT;
        assert_memory_equal(root, "CIDATA     \x08", 12);
        assert_memory_equal(root + 32, "\x41m\0e\0t\0a\0-\0\x0f\0", 13); /* the one long entry of meta-data */
        assert_memory_equal(root + 64, "FILE0001   \x20", 12);
        assert_int_equal(root[64 + 26], 2);
        assert_int_equal(root[64 + 28], 15);
        assert_memory_equal(volume + DATA_AT, "instance-id: 1\n", 15);
        assert_int_equal(entry(2), 0xfff);
        assert_int_equal(root[128 + 26], 3); /* user-data: three clusters in a row */
        assert_int_equal(entry(3), 4);
        assert_int_equal(entry(4), 5);
        assert_int_equal(entry(5), 0xfff);
        assert_int_equal(volume[DATA_AT + CLUSTER + 4999], 'x');
        assert_memory_equal(root + 160, "\x42g\0\0\0\xff\xff",
                            7);              /* network-config has fourteen letters: two entries */
        assert_int_equal(root[224 + 26], 0); /* and no octets */
        assert_memory_equal(volume + 512, volume + 512 + 8 * 512, 8 * 512);
}

static void what_does_not_fit_is_refused(void **state) {
        (void)state;
        static char data[SEED_VOLUME_SIZE];
        struct seed_file files[SEED_VOLUME_FILES_MAX + 1];

        for (size_t i = 0; i < ARRAY_LEN(files); i++)
                files[i] = (struct seed_file){ "a", "", 0 };
        assert_int_equal(seed_volume_make(files, ARRAY_LEN(files), "CIDATA", 0, volume), -E2BIG);
        assert_int_equal(seed_volume_make(files, SEED_VOLUME_FILES_MAX, "CIDATA", 0, volume), 0);
        files[0] = (struct seed_file){ "user-data", data, sizeof(data) };
        assert_int_equal(seed_volume_make(files, 1, "CIDATA", 0, volume), -E2BIG);
        files[0] = (struct seed_file){ "a-name-of-more-letters-than-three-entries-hold", "", 0 };
        assert_int_equal(seed_volume_make(files, 1, "CIDATA", 0, volume), -E2BIG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(files_are_where_the_tables_lead),
                cmocka_unit_test(what_does_not_fit_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
