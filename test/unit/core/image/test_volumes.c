/* The survey of a disk as its child tells it, or as somebody would who got hold of the child. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/writer.h"
#include "core/image/volumes.h"

static void test_lines(void **state) {
        char text[] = "size 1000448\nsector 512\npartition 1 512 1024 fat\npartition 2 2048 4096 "
                      "root\npartition 5 8192 "
                      "8192 root\n";
        struct volumes v;

        (void)state;
        assert_int_equal(volumes_parse(text, &v), 0);
        assert_int_equal(v.disk_size, 1000448);
        assert_int_equal(v.n, 3);
        assert_int_equal(volumes_find(&v, VOLUME_ROOT)->number, 5); /* the larger one */
        assert_int_equal(volumes_find(&v, VOLUME_FAT)->offset, 512);
        assert_null(volumes_find(&v, VOLUME_SWAP));
}

static void test_nonsense(void **state) {
        static const char *const rows[] = {
                "",
                "size 512\n",
                "size 512\nsector 513\n",
                "size 513\nsector 512\n",
                "size x\nsector 512\n",
                "size 512\nsector 512\npartition 1 0 513 fat\n",
                "size 512\nsector 512\npartition 1 513 0 fat\n",
                "size 512\nsector 512\npartition 1 0 512 xfs\n",
                "size 512\nsector 512\npartition 1 0 512\n",
                "size 512\nsector 512\nweather fine\n",
                "size 512\nsector 512\npartition 65536 0 1 fat\n",
                "size 8192\nsector 512\npartition 1 4096 512 fat\nsize 512\n",
        };
        struct volumes v;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char text[128];
                assert_true(strlen(rows[i]) < sizeof(text));
                strcpy(text, rows[i]);
                if (volumes_parse(text, &v) != -EBADMSG)
                        fail_msg("%s", rows[i]);
        }
}

static void test_runs(void **state) {
        static const struct {
                uint64_t end, offset, len;
                int result;
        } rows[] = {
                { 0, 0, 512, 0 },
                { 512, 512, 512, 0 },
                { 512, 0, 512, -EBADMSG },
                { 0, 0, 0, -EBADMSG },
                { 0, 1, 512, -EBADMSG },
                { 0, 0, 513, -EBADMSG },
                { 0, 0, 2048, -EBADMSG },
                { 0, 1024, 512, -EBADMSG },
                { 0, UINT64_MAX / 512 * 512, 512, -EBADMSG },
                { 0, 512, UINT64_MAX / 512 * 512, -EBADMSG },
        };
        struct volumes v = { .disk_size = 1024, .sector_size = 512 };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint8_t octets[VOLUME_RUN_SIZE];
                struct writer w = writer_of(octets, sizeof(octets));
                struct volume_run run;
                write_u64(&w, rows[i].offset);
                write_u64(&w, rows[i].len);
                if (volume_run_parse(octets, &v, rows[i].end, &run) != rows[i].result)
                        fail_msg("row %zu", i);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines), cmocka_unit_test(test_nonsense),
                                            cmocka_unit_test(test_runs) };
        return cmocka_run_group_tests_name("volumes", tests, NULL, NULL);
}
