/* Which modules come into an initrd. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble/build/modules.h"
#include "base/text.h"

static void wanted(void **state) {
        static const char *const list[] = { "kernel/drivers/mmc/", "virtio_net", "dm-mod", NULL };
        static const struct {
                const char *path;
                bool is_wanted;
        } rows[] = {
                { "kernel/drivers/mmc/host/sdhci.ko", true },
                { "kernel/drivers/mmcx/a.ko", false },
                { "kernel/drivers/net/virtio_net.ko", true },
                { "kernel/drivers/net/virtio-net.ko.xz", true }, /* packed, and written the other way */
                { "kernel/drivers/md/dm_mod.ko", true },
                { "kernel/drivers/md/dm-mod-x.ko", false },
                { "kernel/drivers/md/dm.ko", false },
                { "virtio_net", true },
                { "", false },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (modules_is_wanted(rows[i].path, list) != rows[i].is_wanted)
                        fail_msg("%s", rows[i].path);
}

static void what_they_rest_on_comes_too(void **state) {
        static const char dep[] =
                "kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko kernel/fs/mbcache.ko kernel/fs/jbd2/jbd2.ko\n"
                "kernel/fs/jbd2/jbd2.ko:\n"
                "kernel/sound/soundcore.ko:\n"
                "kernel/fs/squashfs/squashfs.ko: kernel/lib/crc16.ko";
        static const char *const list[] = { "ext4", "squashfs", NULL };
        static const char *const chosen[] = { "kernel/fs/ext4/ext4.ko", "kernel/fs/jbd2/jbd2.ko",
                                              "kernel/fs/mbcache.ko", "kernel/fs/squashfs/squashfs.ko",
                                              "kernel/lib/crc16.ko" };
        CLEANUP(argv_free) struct argv got = {};

        (void)state;
        assert_int_equal(modules_choose(dep, strlen(dep), list, &got, NULL), 0);
        assert_int_equal(got.n, ARRAY_LEN(chosen));
        for (size_t i = 0; i < got.n; i++)
                assert_string_equal(got.words[i], chosen[i]);
        assert_null(got.words[got.n]);
}

static void bounds(void **state) {
        static const char *const list[] = { "kernel/", NULL };
        CLEANUP(argv_free) struct argv got = {};
        CLEANUP(text_free) struct text many = {};
        struct error err = {};

        (void)state;
        assert_int_equal(modules_choose("kernel/a.ko:", 0, list, &got, &err), -ENOENT);
        assert_int_equal(modules_choose("", MODULES_DEP_MAX + 1, list, &got, &err), -E2BIG);
        for (int i = 0; i <= MODULES_MAX; i++)
                text_printf(&many, "kernel/%d.ko:\n", i);
        assert_int_equal(modules_choose(many.octets, many.len, list, &got, &err), -E2BIG);
        assert_int_equal(got.n, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(wanted),
                cmocka_unit_test(what_they_rest_on_comes_too),
                cmocka_unit_test(bounds),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
