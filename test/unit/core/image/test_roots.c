/* What an image can carry, by what is in it and what its kernels can do. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/image/root_text.h"
#include "core/image/roots.h"

#define CONFIG_ALL \
        "CONFIG_SQUASHFS=y\nCONFIG_OVERLAY_FS=y\nCONFIG_BLK_DEV_LOOP=y\nCONFIG_BLK_DEV_NBD=y\nCONFIG_EXT4_" \
        "FS=y\n" \
        "CONFIG_NFS_FS=y\n"
#define CAN(root) (1U << (root))

static const struct {
        const char *remark;
        enum image_kind kind;
        bool has_disk, has_squashfs, is_left_out;
        char *config, *builtin, *dep;
        unsigned roots;
        enum root_kind asked;
        const char *why; /* of @asked */
} rows[] = {
        { "everything", IMAGE_PARTS, true, true, false, CONFIG_ALL, NULL, NULL,
          CAN(ROOT_INITRD) | CAN(ROOT_DISK) | CAN(ROOT_RAM) | CAN(ROOT_NFS) | CAN(ROOT_NBD), ROOT_RAM, NULL },
        { "no disk", IMAGE_PI, false, true, false, CONFIG_ALL, NULL, NULL,
          CAN(ROOT_INITRD) | CAN(ROOT_RAM) | CAN(ROOT_NFS) | CAN(ROOT_NBD), ROOT_DISK,
          "it is no disk image" },
        { "only a disk", IMAGE_BARE, true, true, false, NULL, NULL, NULL, CAN(ROOT_DISK), ROOT_RAM,
          "it has no kernel that a machine could be given over the network" },
        { "no root", IMAGE_PI, true, false, false, CONFIG_ALL, NULL, NULL, CAN(ROOT_INITRD) | CAN(ROOT_DISK),
          ROOT_NFS, "it has no root file system that Bramble reads" },
        { "its root left out", IMAGE_PI, true, true, true, CONFIG_ALL, NULL, NULL,
          CAN(ROOT_INITRD) | CAN(ROOT_DISK), ROOT_NBD,
          "its root file system was left out when it was imported (--no-root)" },
        { "nothing is known", IMAGE_PARTS, false, true, false, NULL, NULL, NULL, CAN(ROOT_INITRD), ROOT_RAM,
          "nothing tells whether its kernel 6.1 has squashfs: neither its configuration nor its modules "
          "are" },
        { "not built", IMAGE_PARTS, false, true, false, "CONFIG_NFS_FS=y\n", NULL, NULL,
          CAN(ROOT_INITRD) | CAN(ROOT_NFS), ROOT_NBD, "its kernel 6.1 has no nbd (CONFIG_BLK_DEV_NBD)" },
        { "a module that is there", IMAGE_PARTS, false, true, false, "CONFIG_NFS_FS=m\n", NULL,
          "kernel/fs/nfs.ko:\n", CAN(ROOT_INITRD) | CAN(ROOT_NFS), ROOT_NFS, NULL },
        { "a module that was left out", IMAGE_PARTS, false, true, false, "CONFIG_NFS_FS=m\n", NULL,
          "kernel/fs/x.ko:\n", CAN(ROOT_INITRD), ROOT_NFS, "its kernel 6.1 has no nfs (CONFIG_NFS_FS)" },
        { "lists without a configuration", IMAGE_PARTS, false, true, false, NULL, "kernel/fs/nfs/nfs.ko\n",
          "", CAN(ROOT_INITRD) | CAN(ROOT_NFS), ROOT_NBD, "its kernel 6.1 has no nbd" },
};

static void test_decisions(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(image_drop_at) struct image *image = image_new();
                struct kernel_facts kernel = { .release = "6.1",
                                               .config = rows[i].config,
                                               .builtin = rows[i].builtin,
                                               .dep = rows[i].dep };
                struct roots_facts facts = { .has_disk = rows[i].has_disk,
                                             .has_squashfs = rows[i].has_squashfs,
                                             .is_root_left_out = rows[i].is_left_out,
                                             .kernels = &kernel,
                                             .n_kernels = 1 };

                assert_non_null(image);
                image->kind = rows[i].kind;
                assert_int_equal(roots_decide(image, &facts, NULL), 0);
                const char *why = image->why_not[rows[i].asked];
                if (image->roots != rows[i].roots)
                        fail_msg("%s: roots %x, not %x", rows[i].remark, image->roots, rows[i].roots);
                if (!why != !rows[i].why || (why && strncmp(why, rows[i].why, strlen(rows[i].why)) != 0))
                        fail_msg("%s: \"%s\"", rows[i].remark, why ? why : "");
        }
}

/* One kernel of several that cannot is enough. */
static void test_every_kernel_counts(void **state) {
        CLEANUP(image_drop_at) struct image *image = image_new();
        struct kernel_facts kernels[] = { { .release = "6.6-v8", .config = CONFIG_ALL },
                                          { .release = "6.6-2712", .config = "CONFIG_SQUASHFS=y\n" } };
        struct roots_facts facts = { .has_squashfs = true, .kernels = kernels, .n_kernels = 2 };

        (void)state;
        assert_int_equal(roots_decide(image, &facts, NULL), 0);
        assert_string_equal(image->why_not[ROOT_RAM],
                            "its kernel 6.6-2712 has no overlay (CONFIG_OVERLAY_FS)");
}

static void test_compression(void **state) {
        struct kernel_facts kernels[] = { { .config = "CONFIG_SQUASHFS_ZSTD=y\nCONFIG_SQUASHFS_ZLIB=y\n" },
                                          { .config = "CONFIG_SQUASHFS_XZ=y\nCONFIG_SQUASHFS_ZLIB=y\n" },
                                          { .config = "CONFIG_SQUASHFS_XZ=y\n" },
                                          { .config = NULL } };

        (void)state;
        assert_string_equal(roots_compression(kernels, 1), "zstd");
        assert_string_equal(roots_compression(kernels, 2), "gzip"); /* both read it */
        assert_string_equal(roots_compression(kernels + 2, 1), "xz");
        assert_string_equal(roots_compression(kernels + 3, 1), "gzip");
        assert_string_equal(roots_compression(NULL, 0), "gzip");
}

static void test_texts(void **state) {
        static const uint8_t elf[20] = "\177ELF";
        uint8_t arm64[20];

        (void)state;
        CLEANUP(free_at) char *name = root_os_name("ID=x\nPRETTY_NAME='Alpine\tLinux'\n");
        assert_string_equal(name, "Alpine Linux");
        assert_null(root_os_name("NAME=x\n"));
        CLEANUP(free_at)
        char *words = root_console_words("# linux x\n  linux\t/v root=/dev/sda1 console=ttyS0,115200 quiet\n"
                                         "linux /v console=tty9\n");
        assert_string_equal(words, "console=ttyS0,115200");
        assert_null(root_console_words("linuxefi /v console=tty9"));
        memcpy(arm64, elf, sizeof(elf));
        arm64[18] = 183;
        assert_int_equal(root_program_arch(arm64, sizeof(arm64)), ARCH_ARM64);
        assert_int_equal(root_program_arch(arm64, 19), ARCH_NONE);
        assert_int_equal(root_program_arch(elf, sizeof(elf)), ARCH_NONE);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decisions),
                cmocka_unit_test(test_every_kernel_counts),
                cmocka_unit_test(test_compression),
                cmocka_unit_test(test_texts),
        };
        return cmocka_run_group_tests_name("roots", tests, NULL, NULL);
}
