/* Which file system a partition holds, by its first octets. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

enum { FS_PROBE_SIZE = 72 * 1024 }; /* octets that tell: btrfs has its magic behind 64 KiB */

enum fs_kind {
        FS_UNKNOWN,
        FS_EMPTY,
        FS_FAT,
        FS_EXT,
        FS_XFS,
        FS_BTRFS,
        FS_F2FS,
        FS_SQUASHFS,
        FS_SWAP,
        FS_LUKS,
        FS_LVM
};

/** fs_probe() - @data: the begin of a partition, FS_PROBE_SIZE octets or all of it. */
enum fs_kind fs_probe(const void *data, size_t len);

/** fs_name() - for sentences. */
const char *fs_name(enum fs_kind kind);

/** fs_mount_type() - as mount(2) wants it; NULL: it is not mounted to change what is in it. */
const char *fs_mount_type(enum fs_kind kind);
