/*
 * Archives that a kernel unpacks as its initramfs: cpio in the "newc" format, written.
 *
 * Pure: headers and padding only, the octets of a file go between them. Owner is root, times are zero, so
 * that the same input gives the same archive. Source: Linux
 * Documentation/driver-api/early-userspace/buffer-format.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/writer.h"

enum {
        CPIO_NAME_MAX = 255,                           /* octets of a name */
        CPIO_HEADER_MAX = 110 + CPIO_NAME_MAX + 1 + 3, /* octets that cpio_write_entry() may need */
        CPIO_DIRECTORY = 0040755,                      /* modes */
        CPIO_PROGRAM = 0100755,
        CPIO_FILE = 0100644,
        CPIO_LINK = 0120777 /* its content is where it leads */
};

/**
 * cpio_write_entry() - what stands before the octets of one file
 * @number:     of the entry, unlike any other in this archive
 * @name:       relative, without a leading '/'; directories come before what is in them
 * @mode:       type and permissions
 * @size:       octets that follow, then cpio_padding() zeros
 */
void cpio_write_entry(struct writer *w, uint32_t number, const char *name, uint32_t mode, uint32_t size);

/** cpio_write_end() - what closes an archive. */
void cpio_write_end(struct writer *w);

/** cpio_padding() - zeros that follow on a file of @size octets. */
static inline unsigned cpio_padding(uint32_t size) {
        return (4 - size % 4) % 4;
}
