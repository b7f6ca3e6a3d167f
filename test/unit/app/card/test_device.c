/* Which devices are cards: by folders as sysfs has them. */
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
#include <unistd.h>

#include <cmocka.h>

#include "app/bramble/card/device.h"

enum { VALUES_MAX = 8, PATH_SIZE = 200 };

/* A file of sysfs. */
struct value {
        const char *name, *text;
};

static void path_of(const char *folder, const char *name, char path[static PATH_SIZE]) {
        (void)snprintf(path, PATH_SIZE, "%s/%s", folder, name);
}

static void put(const char *folder, const struct value *v) {
        char path[PATH_SIZE];

        path_of(folder, v->name, path);
        FILE *f = fopen(path, "we");
        assert_non_null(f);
        assert_int_not_equal(fprintf(f, "%s\n", v->text), 0);
        assert_int_equal(fclose(f), 0);
}

static void take_away(const char *folder, const struct value *values) {
        char path[PATH_SIZE];

        for (size_t i = 0; i < VALUES_MAX && values[i].name; i++) {
                path_of(folder, values[i].name, path);
                assert_int_equal(unlink(path), 0);
        }
        path_of(folder, "device", path);
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(rmdir(folder), 0);
}

static int judge(const struct value *values, struct card_device *ret, struct error *err) {
        char folder[] = "/tmp/card-device-XXXXXX", path[PATH_SIZE];

        assert_non_null(mkdtemp(folder));
        path_of(folder, "device", path);
        assert_int_equal(mkdir(path, 0755), 0);
        for (size_t i = 0; i < VALUES_MAX && values[i].name; i++)
                put(folder, &values[i]);
        const int r = card_device_judge("/dev/it", folder, ret, err);
        take_away(folder, values);
        return r;
}

static void only_what_can_be_taken_out(void **state) {
        static const struct {
                const char *about; /* or what the sentence says */
                uint64_t octets;   /* 0: refused */
                struct value values[VALUES_MAX];
        } rows[] = {
                /* a reader on USB, its vendor padded as SCSI does */
                { "Generic STORAGE DEVICE",
                  31914983424,
                  { { "removable", "1" },
                    { "ro", "0" },
                    { "size", "62333952" },
                    { "device/vendor", "Generic " },
                    { "device/model", "STORAGE DEVICE  " } } },
                /* a built-in reader says "not removable", and a card in it what it is */
                { "SD32G",
                  1024,
                  { { "removable", "0" },
                    { "ro", "0" },
                    { "size", "2" },
                    { "device/type", "SD" },
                    { "device/name", "SD32G" } } },
                { "built in",
                  0,
                  { { "removable", "0" },
                    { "ro", "0" },
                    { "size", "62333952" },
                    { "device/type", "MMC" } } }, /* eMMC */
                { "built in",
                  0,
                  { { "removable", "0" },
                    { "ro", "0" },
                    { "size", "1953525168" },
                    { "device/model", "SSD" } } },
                { "built in", 0, { { "size", "2" } } }, /* it says nothing at all */
                { "without the number",
                  0,
                  { { "partition", "1" }, { "removable", "1" }, { "size", "62333952" } } },
                { "slider", 0, { { "removable", "1" }, { "ro", "1" }, { "size", "62333952" } } },
                { "there is no card in /dev/it",
                  0,
                  { { "removable", "1" }, { "ro", "0" }, { "size", "0" } } },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct card_device device = {};
                struct error err = {};
                const int r = judge(rows[i].values, &device, &err);
                assert_int_equal(r, rows[i].octets ? 0 : -EINVAL);
                assert_int_equal(device.octets, rows[i].octets);
                assert_non_null(strstr(rows[i].octets ? device.about : err.text, rows[i].about));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(only_what_can_be_taken_out) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
