/*
 * What a boot file is, told by its first octets: kernels, EFI programs, device trees, archives.
 *
 * Pure, nothing is allocated, nothing is unpacked: what a gzip holds is asked by giving its unpacked begin
 * again. Sources: Linux Documentation/{arm64/booting,arch/x86/boot,arm/booting}; PE/COFF specification; RFC
 * 1952 and the magic numbers of the other compressors.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        KERNEL_PROBE_SIZE = 256 * 1024, /* octets from the begin that tell all there is to know */
        KERNEL_VERSION_SIZE = 128       /* with the NUL */
};

enum kernel_kind {
        KERNEL_UNKNOWN,
        KERNEL_EMPTY,
        KERNEL_ARM64_IMAGE,
        KERNEL_RISCV_IMAGE,
        KERNEL_EFI_ZBOOT, /* a compressed kernel that unpacks itself, but only under EFI */
        KERNEL_ARM_ZIMAGE,
        KERNEL_BZIMAGE,
        KERNEL_UIMAGE, /* U-Boot's legacy wrapping */
        KERNEL_FIT,    /* a device tree that holds kernels (mkimage) */
        KERNEL_EFI_PROGRAM,
        KERNEL_EFI_GRUB,
        KERNEL_EFI_STUB, /* systemd's, without a kernel yet */
        KERNEL_EFI_UKI,  /* a stub with a kernel */
        KERNEL_BIOS_PXE, /* a network bootstrap program for BIOS PXE */
        KERNEL_OPTION_ROM,
        KERNEL_ELF,
        KERNEL_DTB,
        KERNEL_GZIP,
        KERNEL_XZ,
        KERNEL_LZMA,
        KERNEL_ZSTD,
        KERNEL_LZ4,
        KERNEL_BZIP2,
        KERNEL_CPIO,
        KERNEL_TEXT
};

enum kernel_arch {
        KERNEL_ARCH_NONE,
        KERNEL_ARCH_AMD64,
        KERNEL_ARCH_ARM64,
        KERNEL_ARCH_ARMHF,
        KERNEL_ARCH_I386,
        KERNEL_ARCH_RISCV64
};

struct kernel_info {
        enum kernel_kind kind;
        enum kernel_arch arch;             /* KERNEL_ARCH_NONE where the format does not say */
        bool is_efi;                       /* firmware can start it as an EFI program as it is */
        char version[KERNEL_VERSION_SIZE]; /* bzImage: "6.1.0-28-amd64 (…) #1 SMP …"; "" otherwise */
        const char *compression;           /* EFI zboot: "gzip", "zstd"; in @data; NULL otherwise */
};

/**
 * kernel_probe() - what a file is
 * @data:       its begin, KERNEL_PROBE_SIZE octets or the whole file if that is shorter
 * @len:        octets of @data
 *
 * Never fails: what is not known is KERNEL_UNKNOWN.
 */
struct kernel_info kernel_probe(const void *data, size_t len);

/** kernel_is_linux() - whether a boot loader can start it as a Linux kernel. A gzip may hold one: look
 * inside. */
bool kernel_is_linux(enum kernel_kind kind);

/** kernel_is_initrd() - whether the kernel can take it as an initramfs, by its looks. */
bool kernel_is_initrd(enum kernel_kind kind);

/** kernel_kind_name() - for sentences: "an arm64 kernel image", "gzip data". */
const char *kernel_kind_name(enum kernel_kind kind);
