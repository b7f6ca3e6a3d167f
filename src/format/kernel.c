/* Magic numbers of boot files, one row each; the few formats that need more than a row have a function. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/kernel.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/reader.h"
#include "format/fdt.h"

enum {
        PE_SECTIONS_MAX = 96, /* Windows' own limit */
        PE_SECTION_SIZE = 40,
        TEXT_LOOK = 512,  /* octets that must all be text */
        BZIMAGE_64BIT = 1 /* bit of xloadflags */
};

static struct reader at_offset(const uint8_t *data, size_t len, size_t offset) {
        struct reader r = reader_of(data, len);

        (void)read_octets(&r, offset);
        return r;
}

static bool has_at(const uint8_t *data, size_t len, size_t offset, const char *magic, size_t magic_len) {
        return len >= offset + magic_len && memcmp(data + offset, magic, magic_len) == 0;
}

/* The Linux boot protocol's header ("HdrS", version 2.00 on). */
static bool probe_bzimage(const uint8_t *data, size_t len, struct kernel_info *ret) {
        if (!has_at(data, len, 0x1fe, "\x55\xaa", 2) || !has_at(data, len, 0x202, "HdrS", 4))
                return false;

        struct reader protocol_at = at_offset(data, len, 0x206), version_at = at_offset(data, len, 0x20e);
        struct reader flags_at = at_offset(data, len, 0x236);
        uint16_t protocol = read_u16le(&protocol_at), version = read_u16le(&version_at);
        uint16_t flags = read_u16le(&flags_at);

        ret->kind = KERNEL_BZIMAGE;
        ret->arch = protocol >= 0x20c && (flags & BZIMAGE_64BIT) ? KERNEL_ARCH_AMD64 : KERNEL_ARCH_I386;
        if (version != 0) {
                struct reader r = at_offset(data, len, (size_t)version + 0x200);
                const char *text = read_cstr(&r);
                size_t text_len = strnlen(text, sizeof(ret->version) - 1);
                memcpy(ret->version, text, text_len);
        }
        ret->is_efi = has_at(data, len, 0, "MZ", 2);
        return true;
}

static enum kernel_arch pe_arch(uint16_t machine) {
        static const struct {
                uint16_t machine;
                enum kernel_arch arch;
        } rows[] = {
                { 0x014c, KERNEL_ARCH_I386 },    { 0x8664, KERNEL_ARCH_AMD64 },
                { 0xaa64, KERNEL_ARCH_ARM64 },   { 0x01c2, KERNEL_ARCH_ARMHF }, /* Thumb */
                { 0x5064, KERNEL_ARCH_RISCV64 },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (rows[i].machine == machine)
                        return rows[i].arch;
        return KERNEL_ARCH_NONE;
}

/* Names of sections tell a stub, a UKI and GRUB from other programs. */
static enum kernel_kind pe_kind(struct reader *sections, uint16_t n) {
        bool has_magic = false, has_linux = false, has_modules = false, has_release = false;

        for (uint16_t i = 0; i < n && i < PE_SECTIONS_MAX; i++) {
                const uint8_t *section = read_octets(sections, PE_SECTION_SIZE);
                if (!section)
                        break;
                has_magic |= memcmp(section, ".sdmagic", 8) == 0;
                has_linux |= memcmp(section, ".linux\0", 7) == 0;
                has_modules |= memcmp(section, "mods\0", 5) == 0;
                has_release |= memcmp(section, ".osrel\0", 7) == 0;
        }
        if (has_linux)
                return KERNEL_EFI_UKI;
        if (has_magic && !has_release) /* systemd-boot has both */
                return KERNEL_EFI_STUB;
        return has_modules ? KERNEL_EFI_GRUB : KERNEL_EFI_PROGRAM;
}

static bool probe_pe(const uint8_t *data, size_t len, struct kernel_info *ret) {
        struct reader r = at_offset(data, len, 0x3c);
        uint32_t offset = read_u32le(&r);

        if (!has_at(data, len, 0, "MZ", 2) || r.bad || !has_at(data, len, offset, "PE\0\0", 4))
                return false;
        r = at_offset(data, len, (size_t)offset + 4);
        ret->arch = pe_arch(read_u16le(&r));
        uint16_t n_sections = read_u16le(&r);
        (void)read_octets(&r, 12);
        uint16_t optional_len = read_u16le(&r);
        (void)read_octets(&r, 2 + (size_t)optional_len);
        ret->is_efi = true;
        ret->kind = pe_kind(&r, n_sections);
        return true;
}

static bool probe_zboot(const uint8_t *data, size_t len, struct kernel_info *ret) {
        struct kernel_info pe = { 0 };

        if (!has_at(data, len, 0, "MZ\0\0zimg", 8) || !probe_pe(data, len, &pe))
                return false;
        struct reader r = at_offset(data, len, 24);
        ret->compression = read_cstr(&r);
        ret->kind = KERNEL_EFI_ZBOOT;
        ret->arch = pe.arch;
        ret->is_efi = true;
        return true;
}

static bool probe_dtb(const uint8_t *data, size_t len, struct kernel_info *ret) {
        if (!has_at(data, len, 0, "\xd0\x0d\xfe\xed", 4))
                return false;
        ret->kind = fdt_has_node(data, len, "images") ? KERNEL_FIT : KERNEL_DTB;
        return true;
}

static bool probe_elf(const uint8_t *data, size_t len, struct kernel_info *ret) {
        static const struct {
                uint16_t machine;
                enum kernel_arch arch;
        } rows[] = { { 3, KERNEL_ARCH_I386 },
                     { 40, KERNEL_ARCH_ARMHF },
                     { 62, KERNEL_ARCH_AMD64 },
                     { 183, KERNEL_ARCH_ARM64 },
                     { 243, KERNEL_ARCH_RISCV64 } };

        if (!has_at(data, len, 0,
                    "\x7f"
                    "ELF",
                    4))
                return false;
        struct reader r = at_offset(data, len, 18);
        uint16_t machine = read_u16le(&r);
        ret->kind = KERNEL_ELF;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (rows[i].machine == machine)
                        ret->arch = rows[i].arch;
        return true;
}

static bool is_text(const uint8_t *data, size_t len) {
        size_t look = len < TEXT_LOOK ? len : TEXT_LOOK;

        for (size_t i = 0; i < look; i++)
                if (data[i] == 0x7f || (data[i] < 0x20 && !strchr("\t\r\n\f\x1b", data[i])) || data[i] == 0)
                        return false;
        return look > 0;
}

/* In this order: an arm64 kernel is also a PE program, a zboot kernel too. */
static bool (*const probes[])(const uint8_t *data, size_t len,
                              struct kernel_info *ret) = { probe_bzimage, probe_zboot, probe_dtb, probe_elf };

static const struct magic {
        size_t offset;
        const char *octets;
        size_t len;
        enum kernel_kind kind;
        enum kernel_arch arch;
} magics[] = {
#define MAGIC(offset, s, kind, arch) \
        { offset, s, sizeof(s) - 1, kind, arch }
        MAGIC(56, "ARM\x64", KERNEL_ARM64_IMAGE, KERNEL_ARCH_ARM64),
        MAGIC(56, "RSC\x05", KERNEL_RISCV_IMAGE, KERNEL_ARCH_RISCV64),
        MAGIC(0x24, "\x18\x28\x6f\x01", KERNEL_ARM_ZIMAGE, KERNEL_ARCH_ARMHF),
        MAGIC(0, "\x27\x05\x19\x56", KERNEL_UIMAGE, KERNEL_ARCH_NONE),
        MAGIC(0, "\x1f\x8b\x08", KERNEL_GZIP, KERNEL_ARCH_NONE),
        MAGIC(0,
              "\xfd"
              "7zXZ\0",
              KERNEL_XZ, KERNEL_ARCH_NONE),
        MAGIC(0, "\x5d\0\0", KERNEL_LZMA, KERNEL_ARCH_NONE),
        MAGIC(0, "\x28\xb5\x2f\xfd", KERNEL_ZSTD, KERNEL_ARCH_NONE),
        MAGIC(0, "\x02\x21\x4c\x18", KERNEL_LZ4, KERNEL_ARCH_NONE), /* the old frame, which kernels read */
        MAGIC(0, "\x04\x22\x4d\x18", KERNEL_LZ4, KERNEL_ARCH_NONE),
        MAGIC(0, "BZh", KERNEL_BZIP2, KERNEL_ARCH_NONE),
        MAGIC(0, "070701", KERNEL_CPIO, KERNEL_ARCH_NONE),
        MAGIC(0, "070702", KERNEL_CPIO, KERNEL_ARCH_NONE),
        MAGIC(0, "\x55\xaa", KERNEL_OPTION_ROM, KERNEL_ARCH_NONE),
        MAGIC(0, "\xea", KERNEL_BIOS_PXE,
              KERNEL_ARCH_I386), /* a far jump: iPXE's and PXELINUX' first instruction */
#undef MAGIC
};

static const struct magic *find_magic(const uint8_t *data, size_t len) {
        for (size_t i = 0; i < ARRAY_LEN(magics); i++)
                if (has_at(data, len, magics[i].offset, magics[i].octets, magics[i].len))
                        return &magics[i];
        return NULL;
}

struct kernel_info kernel_probe(const void *data, size_t len) {
        struct kernel_info info = { .kind = len == 0 ? KERNEL_EMPTY : KERNEL_UNKNOWN };

        for (size_t i = 0; i < ARRAY_LEN(probes); i++)
                if (probes[i](data, len, &info))
                        return info;
        const struct magic *m = find_magic(data, len);
        if (m) {
                struct kernel_info pe = { 0 };
                info.kind = m->kind;
                info.arch = m->arch;
                info.is_efi = probe_pe(data, len, &pe);
        } else if (!probe_pe(data, len, &info) && is_text(data, len))
                info.kind = KERNEL_TEXT;
        return info;
}

bool kernel_is_linux(enum kernel_kind kind) {
        return kind == KERNEL_ARM64_IMAGE || kind == KERNEL_RISCV_IMAGE || kind == KERNEL_EFI_ZBOOT ||
               kind == KERNEL_ARM_ZIMAGE || kind == KERNEL_BZIMAGE || kind == KERNEL_UIMAGE ||
               kind == KERNEL_FIT || kind == KERNEL_EFI_UKI;
}

bool kernel_is_initrd(enum kernel_kind kind) {
        return (kind >= KERNEL_GZIP && kind <= KERNEL_CPIO) || kind == KERNEL_UIMAGE;
}

const char *kernel_kind_name(enum kernel_kind kind) {
        static const char *const names[] = {
                [KERNEL_UNKNOWN] = "data of no known kind",
                [KERNEL_EMPTY] = "empty",
                [KERNEL_ARM64_IMAGE] = "an arm64 kernel",
                [KERNEL_RISCV_IMAGE] = "a RISC-V kernel",
                [KERNEL_EFI_ZBOOT] = "a compressed EFI kernel",
                [KERNEL_ARM_ZIMAGE] = "a 32-bit ARM kernel (zImage)",
                [KERNEL_BZIMAGE] = "an x86 kernel (bzImage)",
                [KERNEL_UIMAGE] = "a U-Boot image (uImage)",
                [KERNEL_FIT] = "a U-Boot FIT image",
                [KERNEL_EFI_PROGRAM] = "an EFI program",
                [KERNEL_EFI_GRUB] = "GRUB as an EFI program",
                [KERNEL_EFI_STUB] = "systemd's EFI stub",
                [KERNEL_EFI_UKI] = "a unified kernel image",
                [KERNEL_BIOS_PXE] = "a BIOS PXE program",
                [KERNEL_OPTION_ROM] = "an option ROM or boot sector",
                [KERNEL_ELF] = "an ELF program",
                [KERNEL_DTB] = "a device tree",
                [KERNEL_GZIP] = "gzip data",
                [KERNEL_XZ] = "xz data",
                [KERNEL_LZMA] = "lzma data",
                [KERNEL_ZSTD] = "zstd data",
                [KERNEL_LZ4] = "lz4 data",
                [KERNEL_BZIP2] = "bzip2 data",
                [KERNEL_CPIO] = "a cpio archive",
                [KERNEL_TEXT] = "text",
        };
        return names[kind];
}
