/* Which disk has a machine's data, or gets it, and the file system that is made there. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/bramble-agent/io/mkfs.h"
#include "app/bramble-agent/root/data_disk.h"

static const uint8_t ours[DATA_UUID_SIZE] = { 1, 2, 3, 4 }, others[DATA_UUID_SIZE] = { 9 };

struct bytes {
        size_t at;
        const char *octets;
        size_t n;
};

#define AT(where, text) \
        { where, text, sizeof(text) - 1 }

static void knows_what_is_on_a_disk(void **state) {
        (void)state;
        static const struct {
                const char *remark;
                struct bytes begin[3];
                bool has_end;
                enum data_state state;
                const char *holds;
        } rows[] = {
                { "nothing", { { 0 } }, false, DATA_IS_EMPTY, "" },
                { "ours", { AT(1080, "\x53\xef"), AT(1128, "\1\2\3\4") }, false, DATA_IS_OURS, "" },
                { "ours, with something at its end",
                  { AT(1080, "\x53\xef"), AT(1128, "\1\2\3\4") },
                  true,
                  DATA_IS_OURS,
                  "" },
                { "another machine's",
                  { AT(1080, "\x53\xef"), AT(1128, "\x9"), AT(1144, "bramble-data\0") },
                  false,
                  DATA_IS_TAKEN,
                  "the data of another deployment" },
                { "our UUID, but no file system",
                  { AT(1128, "\1\2\3\4") },
                  false,
                  DATA_IS_TAKEN,
                  "something" },
                { "a system", { AT(1080, "\x53\xef") }, false, DATA_IS_TAKEN, "ext4" },
                { "partitions",
                  { AT(510, "\x55\xaa"), AT(512, "EFI PART") },
                  false,
                  DATA_IS_TAKEN,
                  "a partition table" },
                { "an old disk's",
                  { AT(510, "\x55\xaa") },
                  false,
                  DATA_IS_TAKEN,
                  "a partition table, or a boot loader" },
                { "encrypted", { AT(0, "LUKS\xba\xbe") }, false, DATA_IS_TAKEN, "LUKS" },
                { "one octet", { AT(700000, "x") }, false, DATA_IS_TAKEN, "something" },
                { "only its end: a RAID, or a second table", { { 0 } }, true, DATA_IS_TAKEN, "something" },
        };
        uint8_t *begin = calloc(1, DATA_PROBE_BEGIN), *end = calloc(1, DATA_PROBE_END);
        const char *holds;

        assert_true(begin && end);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                print_message("%s\n", rows[i].remark);
                memset(begin, 0, DATA_PROBE_BEGIN);
                for (size_t k = 0; k < ARRAY_LEN(rows[i].begin); k++)
                        if (rows[i].begin[k].n)
                                memcpy(begin + rows[i].begin[k].at, rows[i].begin[k].octets,
                                       rows[i].begin[k].n);
                end[DATA_PROBE_END - 1] = rows[i].has_end;
                assert_int_equal(data_probe(begin, DATA_PROBE_BEGIN, end, DATA_PROBE_END, ours, &holds),
                                 rows[i].state);
                assert_string_equal(holds, rows[i].holds);
        }
        /* One that the power went from while it was made. */
        end[DATA_PROBE_END - 1] = 0;
        memset(begin, 0, DATA_PROBE_BEGIN);
        data_mark_write(ours, begin);
        begin[5000] = 1;
        assert_int_equal(data_probe(begin, DATA_PROBE_BEGIN, end, DATA_PROBE_END, ours, &holds),
                         DATA_IS_EMPTY);
        assert_int_equal(data_probe(begin, DATA_PROBE_BEGIN, end, DATA_PROBE_END, others, &holds),
                         DATA_IS_TAKEN);
        free(begin);
        free(end);
}

static void chooses_no_disk_that_is_somebodys(void **state) {
        (void)state;
        enum { MAKE = 1, OVER = 2 };
        static const struct disk
                sda = { .name = "sda", .serial = "S1", .bus = DISK_SATA, .size = 1ULL << 30 },
                vda = { .name = "vda", .bus = DISK_VIRTIO, .size = 1ULL << 30 },
                small = { .name = "sdb", .bus = DISK_SATA, .size = 1 << 20 },
                locked = { .name = "sdc", .bus = DISK_SATA, .size = 1ULL << 30, .is_read_only = true };
        static const struct {
                const char *remark;
                struct data_candidate disks[2];
                const char *hint;
                unsigned may;
                int result;
                size_t index;
                const char *sentence;
        } rows[] = {
                { "its own",
                  { { &sda, NULL, DATA_IS_EMPTY, "", false }, { &vda, NULL, DATA_IS_OURS, "", false } },
                  "",
                  0,
                  DATA_MOUNT,
                  1,
                  NULL },
                { "its own, wherever it is plugged in now",
                  { { &sda, NULL, DATA_IS_EMPTY, "", false }, { &vda, NULL, DATA_IS_OURS, "", false } },
                  "sda",
                  MAKE | OVER,
                  DATA_MOUNT,
                  1,
                  NULL },
                { "it was there, and is not: no other is made",
                  { { &sda, NULL, DATA_IS_EMPTY, "", false } },
                  "",
                  0,
                  -ENODEV,
                  0,
                  "is not there: connect it" },
                { "the faster one",
                  { { &vda, NULL, DATA_IS_EMPTY, "", false }, { &sda, NULL, DATA_IS_EMPTY, "", false } },
                  "",
                  MAKE,
                  DATA_MAKE,
                  1,
                  NULL },
                { "the one that is meant",
                  { { &vda, NULL, DATA_IS_EMPTY, "", false }, { &sda, NULL, DATA_IS_EMPTY, "", false } },
                  "/dev/vda",
                  MAKE,
                  DATA_MAKE,
                  0,
                  NULL },
                { "by its serial",
                  { { &vda, NULL, DATA_IS_EMPTY, "", false }, { &sda, NULL, DATA_IS_EMPTY, "", false } },
                  "s1",
                  MAKE,
                  DATA_MAKE,
                  1,
                  NULL },
                { "an empty one before a fast one",
                  { { &sda, NULL, DATA_IS_TAKEN, "ext4", false }, { &vda, NULL, DATA_IS_EMPTY, "", false } },
                  "",
                  MAKE | OVER,
                  DATA_MAKE,
                  1,
                  NULL },
                { "somebody's",
                  { { &sda, NULL, DATA_IS_TAKEN, "ext4", false } },
                  "",
                  MAKE,
                  -EEXIST,
                  0,
                  "disk sda holds ext4: erase it" },
                { "somebody's, as was said",
                  { { &sda, NULL, DATA_IS_TAKEN, "ext4", false } },
                  "",
                  MAKE | OVER,
                  DATA_MAKE,
                  0,
                  NULL },
                { "somebody's, and it was not meant",
                  { { &sda, NULL, DATA_IS_TAKEN, "ext4", false }, { &vda, NULL, DATA_IS_EMPTY, "", false } },
                  "sda",
                  MAKE,
                  -EEXIST,
                  0,
                  "holds ext4" },
                { "never the firmware's",
                  { { &sda, "u-boot", DATA_IS_TAKEN, "", false } },
                  "sda",
                  MAKE | OVER,
                  -EPERM,
                  0,
                  "carries the firmware" },
                { "too small",
                  { { &small, NULL, DATA_IS_EMPTY, "", false } },
                  "",
                  MAKE,
                  -ENOSPC,
                  0,
                  "has 1 MiB" },
                { "write protected",
                  { { &locked, NULL, DATA_IS_EMPTY, "", false } },
                  "",
                  MAKE,
                  -EROFS,
                  0,
                  "read-only" },
                { "none", { { 0 } }, "", MAKE, -ENODEV, 0, "has no disk for its data" },
                { "none of that name",
                  { { &sda, NULL, DATA_IS_EMPTY, "", false } },
                  "sdx",
                  MAKE,
                  -ENODEV,
                  0,
                  "no disk \"sdx\"" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct data_wish wish = { .hint = rows[i].hint,
                                                .may_make = rows[i].may & MAKE,
                                                .may_overwrite = rows[i].may & OVER };
                struct error error = { 0 };
                size_t n = 0, index = 0;

                print_message("%s\n", rows[i].remark);
                while (n < 2 && rows[i].disks[n].disk)
                        n++;
                assert_int_equal(data_choose(rows[i].disks, n, &wish, &index, &error), rows[i].result);
                assert_int_equal(index, rows[i].index);
                if (rows[i].sentence)
                        assert_non_null(strstr(error.text, rows[i].sentence));
        }
}

/* What it makes is checked by those who know it best. */
static void makes_an_ext4(void **state) {
        (void)state;
        static const uint64_t mib[] = { 64, 300, 20000 };
        char path[] = "/tmp/bramble-data-XXXXXX", command[128];
        uint8_t mark[DATA_MARK_SIZE], again[DATA_PROBE_BEGIN];
        const int fd = mkstemp(path);
        const char *holds;

        assert_true(fd >= 0);
        if (access("/sbin/e2fsck", X_OK) < 0)
                fail_msg("there is no /sbin/e2fsck: install e2fsprogs");
        for (size_t i = 0; i < ARRAY_LEN(mib); i++) {
                const struct mkfs_wish wish = { .path = path,
                                                .name = "vda",
                                                .size = mib[i] << 20,
                                                .uuid = ours,
                                                .label = DATA_LABEL,
                                                .now_s = 1700000000 };
                struct error error = { 0 };
                assert_int_equal(ftruncate(fd, 0), 0);
                assert_int_equal(ftruncate(fd, (off_t)wish.size), 0);
                data_mark_write(ours, mark);
                assert_int_equal(pwrite(fd, mark, sizeof(mark), 0), sizeof(mark));
                if (mkfs_ext4(&wish, &error) < 0)
                        fail_msg("%s", error.text);
                (void)snprintf(command, sizeof(command), "/sbin/e2fsck -fn %s >/dev/null 2>&1", path);
                assert_int_equal(system(command), 0);
                assert_int_equal(pread(fd, again, sizeof(again), 0), sizeof(again));
                assert_memory_equal(again, mark, sizeof(mark));
                assert_int_equal(data_probe(again, sizeof(again), mark, 0, ours, &holds), DATA_IS_OURS);
                assert_int_equal(data_probe(again, sizeof(again), mark, 0, others, &holds), DATA_IS_TAKEN);
                assert_string_equal(holds, "the data of another deployment");
                assert_true(data_is_labelled(again, sizeof(again)));
                assert_false(data_is_labelled(mark, sizeof(mark)));
        }
        const struct mkfs_wish nowhere = {
                .path = "/nowhere", .name = "vdz", .size = 64 << 20, .uuid = ours, .label = ""
        };
        struct error error = { 0 };
        assert_int_equal(mkfs_ext4(&nowhere, &error), -EIO);
        assert_non_null(strstr(error.text, "disk vdz"));
        (void)close(fd);
        (void)unlink(path);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(knows_what_is_on_a_disk),
                cmocka_unit_test(chooses_no_disk_that_is_somebodys),
                cmocka_unit_test(makes_an_ext4),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
