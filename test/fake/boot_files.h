/*
 * Boot files made up for tests: the headers that tell what they are, a few octets, and nothing that would
 * run.
 *
 * A tree is a list of rows; a row names its content by kind. Real kernels and firmware are never in the
 * repository.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum fake_kind {
        FAKE_END,      /* of a list */
        FAKE_TEXT,     /* the row's own text */
        FAKE_FIRMWARE, /* octets that are nothing we know, other ones for each name */
        FAKE_ARM64,
        FAKE_ARM64_GZIP,
        FAKE_ZIMAGE,
        FAKE_ZBOOT,
        FAKE_BZIMAGE,
        FAKE_INITRD,
        FAKE_DTB,
        FAKE_EFI_AMD64, /* shim, among others */
        FAKE_EFI_ARM64,
        FAKE_GRUB_AMD64,
        FAKE_GRUB_ARM64,
        FAKE_STUB_AMD64,
        FAKE_STUB_ARM64,
        FAKE_PXE
};

struct fake_file {
        const char *path;
        enum fake_kind kind;
        const char *text;
};

enum { FAKE_FILE_MAX = 16384 }; /* octets */

/** fake_file_make() - the octets of a file into @buf; returns how many. The path is worked in, so that no two
 * are equal. */
size_t fake_file_make(const struct fake_file *f, uint8_t buf[static FAKE_FILE_MAX]);
