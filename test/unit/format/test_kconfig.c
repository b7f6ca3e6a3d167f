/* Configurations of kernels and lists of modules. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "format/kconfig.h"

static void test_values(void **state) {
        static const char config[] =
                "# Linux/arm64\nCONFIG_NFS_FS=m\nCONFIG_NFS_FSX=y\n# CONFIG_NBD is not set\n"
                "CONFIG_CMDLINE=\"CONFIG_LOOP=y\"\nCONFIG_EXT4_FS=y";
        static const struct {
                const char *option;
                char value;
        } rows[] = { { "CONFIG_NFS_FS", 'm' }, { "CONFIG_NFS", 'n' },     { "CONFIG_NBD", 'n' },
                     { "CONFIG_LOOP", 'n' },   { "CONFIG_EXT4_FS", 'y' }, { "CONFIG_CMDLINE", 'n' } };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (kconfig_value(config, rows[i].option) != rows[i].value)
                        fail_msg("%s", rows[i].option);
        assert_int_equal(kconfig_value("", "CONFIG_X"), 'n');
}

static void test_modules(void **state) {
        static const char dep[] =
                "kernel/fs/nfs/nfs.ko.xz: kernel/net/sunrpc/sunrpc.ko.xz kernel/fs/lockd.ko.xz\n"
                "kernel/drivers/md/dm-verity.ko:\nkernel/fs/nfs_layout.ko.zst:\nbroken";
        size_t len = 0;

        (void)state;
        assert_string_equal(modules_find(dep, "dm_verity", &len), strstr(dep, "kernel/drivers/md"));
        assert_int_equal(len, strlen("kernel/drivers/md/dm-verity.ko"));
        assert_non_null(modules_find(dep, "nfs-layout", &len));
        assert_null(modules_find(dep, "nf", &len));
        assert_null(modules_find(dep, "sunrpc", &len)); /* a dependency is no line */
        assert_null(modules_find(dep, "broken", &len));

        const char *at = modules_find(dep, "nfs", &len), *need;
        assert_non_null(at);
        at += len;
        need = modules_next_dependency(&at, &len);
        assert_memory_equal(need, "kernel/net/sunrpc/sunrpc.ko.xz", len);
        need = modules_next_dependency(&at, &len);
        assert_memory_equal(need, "kernel/fs/lockd.ko.xz", len);
        assert_null(modules_next_dependency(&at, &len)); /* not into the next line */
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_values), cmocka_unit_test(test_modules) };
        return cmocka_run_group_tests_name("kconfig", tests, NULL, NULL);
}
