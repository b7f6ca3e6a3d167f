/* What a file is by its first octets: small files with the headers of real ones, and nothing behind them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "format/fdt.h"
#include "format/kernel.h"

enum { FILE_SIZE = 4096, PATCHES_MAX = 8 };

/* A file of zeros with octets put into it. */
struct patch {
        size_t offset;
        const char *octets;
        size_t len;
};
#define AT(offset, s) \
        { offset, s, sizeof(s) - 1 }
#define PE_AT_0X80 AT(0, "MZ"), AT(0x3c, "\x80\0\0\0"), AT(0x80, "PE\0\0")

static const struct {
        const char *remark;
        struct patch patches[PATCHES_MAX];
        enum kernel_kind kind;
        enum kernel_arch arch;
        bool is_efi;
} files[] = {
        { "zeros", { { 0 } }, KERNEL_UNKNOWN, KERNEL_ARCH_NONE, false },
        { "arm64 kernel without EFI", { AT(56, "ARM\x64") }, KERNEL_ARM64_IMAGE, KERNEL_ARCH_ARM64, false },
        { "arm64 kernel with EFI",
          { PE_AT_0X80, AT(0x84, "\x64\xaa"), AT(56, "ARM\x64") },
          KERNEL_ARM64_IMAGE,
          KERNEL_ARCH_ARM64,
          true },
        { "riscv64 kernel", { AT(56, "RSC\x05") }, KERNEL_RISCV_IMAGE, KERNEL_ARCH_RISCV64, false },
        { "arm64 zboot",
          { PE_AT_0X80, AT(4, "zimg"), AT(24, "gzip"), AT(0x84, "\x64\xaa") },
          KERNEL_EFI_ZBOOT,
          KERNEL_ARCH_ARM64,
          true },
        { "zImage", { AT(0x24, "\x18\x28\x6f\x01") }, KERNEL_ARM_ZIMAGE, KERNEL_ARCH_ARMHF, false },
        { "bzImage, 64 bits",
          { AT(0, "MZ"), AT(0x1fe, "\x55\xaa"), AT(0x202, "HdrS\x0f\x02"), AT(0x236, "\x7f") },
          KERNEL_BZIMAGE,
          KERNEL_ARCH_AMD64,
          true },
        { "bzImage, 32 bits",
          { AT(0x1fe, "\x55\xaa"), AT(0x202, "HdrS\x0f\x02"), AT(0x236, "\x02") },
          KERNEL_BZIMAGE,
          KERNEL_ARCH_I386,
          false },
        { "bzImage too old to say",
          { AT(0x1fe, "\x55\xaa"), AT(0x202, "HdrS\x0b\x02"), AT(0x236, "\x7f") },
          KERNEL_BZIMAGE,
          KERNEL_ARCH_I386,
          false },
        { "shim",
          { PE_AT_0X80, AT(0x84, "\x64\x86\x01\0"), AT(0x94, "\x10"), AT(0xa8, ".text") },
          KERNEL_EFI_PROGRAM,
          KERNEL_ARCH_AMD64,
          true },
        { "GRUB",
          { PE_AT_0X80, AT(0x84, "\x64\xaa\x02\0"), AT(0x94, "\x10"), AT(0xa8, ".text"), AT(0xd0, "mods") },
          KERNEL_EFI_GRUB,
          KERNEL_ARCH_ARM64,
          true },
        { "stub",
          { PE_AT_0X80, AT(0x84, "\x64\x86\x02\0"), AT(0x94, "\x10"), AT(0xa8, ".text"),
            AT(0xd0, ".sdmagic") },
          KERNEL_EFI_STUB,
          KERNEL_ARCH_AMD64,
          true },
        { "systemd-boot",
          { PE_AT_0X80, AT(0x84, "\x64\x86\x02\0"), AT(0x94, "\x10"), AT(0xa8, ".osrel"),
            AT(0xd0, ".sdmagic") },
          KERNEL_EFI_PROGRAM,
          KERNEL_ARCH_AMD64,
          true },
        { "UKI",
          { PE_AT_0X80, AT(0x84, "\x64\x86\x02\0"), AT(0x94, "\x10"), AT(0xa8, ".linux"),
            AT(0xd0, ".sdmagic") },
          KERNEL_EFI_UKI,
          KERNEL_ARCH_AMD64,
          true },
        { "a section behind their number",
          { PE_AT_0X80, AT(0x84, "\x64\x86\x01\0"), AT(0x94, "\x10"), AT(0xa8, ".text"), AT(0xd0, ".linux") },
          KERNEL_EFI_PROGRAM,
          KERNEL_ARCH_AMD64,
          true },
        { "PE of 32-bit ARM",
          { PE_AT_0X80, AT(0x84, "\xc2\x01") },
          KERNEL_EFI_PROGRAM,
          KERNEL_ARCH_ARMHF,
          true },
        { "PE header beyond the file",
          { AT(0, "MZ"), AT(0x3c, "\xff\xff\xff\xff") },
          KERNEL_UNKNOWN,
          KERNEL_ARCH_NONE,
          false },
        { "ELF",
          { AT(0, "\x7f"
                  "ELF"),
            AT(18, "\xb7\0") },
          KERNEL_ELF,
          KERNEL_ARCH_ARM64,
          false },
        { "device tree", { AT(0, "\xd0\x0d\xfe\xed") }, KERNEL_DTB, KERNEL_ARCH_NONE, false },
        { "gzip", { AT(0, "\x1f\x8b\x08") }, KERNEL_GZIP, KERNEL_ARCH_NONE, false },
        { "xz",
          { AT(0, "\xfd"
                  "7zXZ") },
          KERNEL_XZ,
          KERNEL_ARCH_NONE,
          false },
        { "zstd", { AT(0, "\x28\xb5\x2f\xfd") }, KERNEL_ZSTD, KERNEL_ARCH_NONE, false },
        { "lz4, old", { AT(0, "\x02\x21\x4c\x18") }, KERNEL_LZ4, KERNEL_ARCH_NONE, false },
        { "cpio", { AT(0, "070701") }, KERNEL_CPIO, KERNEL_ARCH_NONE, false },
        { "uImage", { AT(0, "\x27\x05\x19\x56") }, KERNEL_UIMAGE, KERNEL_ARCH_NONE, false },
        { "option ROM", { AT(0, "\x55\xaa") }, KERNEL_OPTION_ROM, KERNEL_ARCH_NONE, false },
        { "undionly.kpxe", { AT(0, "\xea\x05\0\xc0\x07") }, KERNEL_BIOS_PXE, KERNEL_ARCH_I386, false },
};

static void test_files(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(files); i++) {
                uint8_t data[FILE_SIZE] = { 0 };
                for (size_t j = 0; j < PATCHES_MAX && files[i].patches[j].len > 0; j++)
                        memcpy(data + files[i].patches[j].offset, files[i].patches[j].octets,
                               files[i].patches[j].len);

                struct kernel_info info = kernel_probe(data, sizeof(data));
                if (info.kind != files[i].kind || info.arch != files[i].arch ||
                    info.is_efi != files[i].is_efi)
                        fail_msg("%s: kind %d, arch %d, efi %d", files[i].remark, info.kind, info.arch,
                                 info.is_efi);
                assert_non_null(kernel_kind_name(info.kind));
        }
}

static void test_words(void **state) {
        (void)state;
        assert_int_equal(kernel_probe("", 0).kind, KERNEL_EMPTY);
        assert_int_equal(kernel_probe("#!/bin/sh\n", 10).kind, KERNEL_TEXT);
        assert_int_equal(kernel_probe("a\0b", 3).kind, KERNEL_UNKNOWN);
        assert_true(kernel_is_linux(KERNEL_BZIMAGE));
        assert_false(kernel_is_linux(KERNEL_EFI_GRUB));
        assert_false(kernel_is_linux(KERNEL_GZIP));
        assert_true(kernel_is_initrd(KERNEL_ZSTD));
        assert_false(kernel_is_initrd(KERNEL_TEXT));
}

static void test_version(void **state) {
        uint8_t data[FILE_SIZE] = { 0 };

        (void)state;
        memcpy(data + 0x1fe, "\x55\xaa", 2);
        memcpy(data + 0x202, "HdrS\x0f\x02", 6);
        memcpy(data + 0x20e, "\x00\x01", 2);
        memcpy(data + 0x300, "6.1.0-28-amd64 (x) #1", 22);
        assert_string_equal(kernel_probe(data, sizeof(data)).version, "6.1.0-28-amd64 (x) #1");
        assert_string_equal(kernel_probe(data, 0x310).version, ""); /* cut before its end */
        memset(data + 0x300, 'v', 1000);
        assert_int_equal(strlen(kernel_probe(data, sizeof(data)).version), KERNEL_VERSION_SIZE - 1);
}

/* / { model = "Pi"; compatible = "raspberrypi,4-model-b", "brcm,bcm2711"; images { model = "no"; }; }; */
static const char tree[] =
        "\xd0\x0d\xfe\xed\0\0\0\xad\0\0\0\x28\0\0\0\x9c\0\0\0\0" /* size, structure, strings, reserved */
        "\0\0\0\x11\0\0\0\x10\0\0\0\0\0\0\0\x11\0\0\0\x74"       /* versions, boot CPU, lengths */
        "\0\0\0\1\0\0\0\0"
        "\0\0\0\3\0\0\0\3\0\0\0\0Pi\0\0"
        "\0\0\0\4\0\0\0\3\0\0\0\x23\0\0\0\6raspberrypi,4-model-b\0brcm,bcm2711\0\0"
        "\0\0\0\1images\0\0"
        "\0\0\0\3\0\0\0\3\0\0\0\0no\0\0"
        "\0\0\0\2\0\0\0\2\0\0\0\x9"
        "model\0compatible\0";

static void test_device_tree(void **state) {
        const size_t len = sizeof(tree) - 1;
        size_t value_len;

        (void)state;
        assert_string_equal(fdt_root_string(tree, len, "model", 0), "Pi");
        assert_string_equal(fdt_root_string(tree, len, "compatible", 0), "raspberrypi,4-model-b");
        assert_string_equal(fdt_root_string(tree, len, "compatible", 1), "brcm,bcm2711");
        assert_null(fdt_root_string(tree, len, "compatible", 2));
        assert_null(fdt_root_string(tree, len, "serial-number", 0));
        assert_non_null(fdt_root_property(tree, len, "compatible", &value_len));
        assert_int_equal(value_len, 0x23);
        assert_true(fdt_has_node(tree, len, "images"));
        assert_false(fdt_has_node(tree, len, "chosen"));
        assert_int_equal(kernel_probe(tree, len).kind, KERNEL_FIT);

        for (size_t cut = 0; cut < len; cut++) { /* cut anywhere: an answer or none, never a read beyond */
                CLEANUP(free_at) char *copy = malloc(cut + 1);
                assert_non_null(copy);
                memcpy(copy, tree, cut);
                (void)fdt_root_string(copy, cut, "compatible", 1);
                (void)kernel_probe(copy, cut);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_files),
                cmocka_unit_test(test_words),
                cmocka_unit_test(test_version),
                cmocka_unit_test(test_device_tree),
        };
        return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
