/* What is erased of a disk that the machine boots from, and what stays. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/erase/around.h"

enum { MIB = 1 << 20, SECTOR = 512, SIZE = 1000 };

/* All in MiB. */
struct row_part {
        unsigned first, n;
        uint8_t type;
        bool has_files;
};

static const struct {
        const char *remark;
        struct row_part parts[4];
        unsigned firmware_at, firmware_len; /* 0, 0: before the first partition */
        int result;
        struct {
                unsigned at, end;
        } areas[4];
        unsigned left[3]; /* numbers */
} rows[] = {
        { "a Pi's card: boot files, then the system",
          { { 4, 100, 0x0c, true }, { 104, 800, 0x83, true } },
          4,
          100,
          0,
          { { 104, 1000 } },
          { 1 } },
        { "the firmware is not the first",
          { { 4, 100, 0x83, true }, { 104, 100, 0x0c, true }, { 300, 10, 0x83, true } },
          104,
          100,
          0,
          { { 4, 104 }, { 204, 300 }, { 300, 1000 } },
          { 2 } },
        { "U-Boot before the only partition, which is the system",
          { { 16, 900, 0x83, true } },
          0,
          0,
          0,
          { { 16, 1000 } },
          { 0 } },
        { "its second stage in a partition without a file system",
          { { 8, 4, 0x83, false }, { 12, 4, 0x83, true }, { 16, 900, 0x83, true } },
          0,
          0,
          0,
          { { 12, 16 }, { 16, 1000 } },
          { 1 } },
        { "a first stage without a file system beside the files of the second",
          { { 1, 1, 0xa2, false }, { 4, 100, 0x0c, true }, { 104, 800, 0x83, true } },
          4,
          100,
          0,
          { { 2, 4 }, { 104, 1000 } },
          { 1, 2 } },
        { "a large one without a file system is no second stage",
          { { 8, 900, 0x83, false } },
          0,
          0,
          0,
          { { 8, 1000 } },
          { 0 } },
        { "no partition at all: where loaders lie stays", { { 0 } }, 0, 0, 0, { { 16, 1000 } }, { 0 } },
        { "a firmware that is in none of them, with a loader beside it",
          { { 1, 1, 0xa2, false }, { 4, 900, 0x05, false } },
          5,
          100,
          -ENOENT,
          { { 0, 0 } },
          { 0 } },
        { "a firmware that is in none of them: a logical one",
          { { 4, 900, 0x05, false } },
          5,
          100,
          -ENOENT,
          { { 0, 0 } },
          { 0 } },
};

static void plans_around_firmware(void **state) {
        (void)state;
        static struct disk_table table;
        static struct around plan;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                bool has_files[4] = { false };
                const struct firmware f = { .reason = "it is",
                                            .begin = (uint64_t)rows[i].firmware_at * MIB,
                                            .len = (uint64_t)rows[i].firmware_len * MIB };
                print_message("%s\n", rows[i].remark);
                table = (struct disk_table){ .kind = DISK_TABLE_MBR, .sector_size = SECTOR };
                for (unsigned k = 0; k < 4 && rows[i].parts[k].n; k++) {
                        const struct row_part *p = &rows[i].parts[k];
                        table.parts[table.n_parts++] = (struct disk_part){ .number = k + 1,
                                                                           .first = p->first * (MIB / SECTOR),
                                                                           .n = p->n * (MIB / SECTOR),
                                                                           .mbr_type = p->type };
                        has_files[k] = p->has_files;
                }
                assert_int_equal(around_plan(&table, &f, has_files, (uint64_t)SIZE * MIB, &plan),
                                 rows[i].result);
                if (rows[i].result < 0)
                        continue;
                size_t n = 0;
                for (; n < 4 && rows[i].areas[n].end; n++) {
                        assert_true(n < plan.n);
                        assert_int_equal(plan.areas[n].at, (uint64_t)rows[i].areas[n].at * MIB);
                        assert_int_equal(plan.areas[n].at + plan.areas[n].len,
                                         (uint64_t)rows[i].areas[n].end * MIB);
                }
                assert_int_equal(plan.n, n);
                size_t n_left = 0;
                for (; n_left < 3 && rows[i].left[n_left]; n_left++)
                        assert_int_equal(plan.left.parts[n_left].number, rows[i].left[n_left]);
                assert_int_equal(plan.left.n_parts, n_left);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(plans_around_firmware),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
