/* File systems by their magic numbers; see fs.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "app/bramble-agent/deploy/fs.h"
#include "base/cleanup.h"

static const struct {
        enum fs_kind kind;
        const char *name, *mount_type;
} kinds[] = {
        { FS_UNKNOWN, "an unknown file system", NULL },
        { FS_EMPTY, "nothing", NULL },
        { FS_FAT, "FAT", "vfat" },
        { FS_EXT, "ext4", "ext4" },
        { FS_XFS, "XFS", "xfs" },
        { FS_BTRFS, "btrfs", "btrfs" },
        { FS_F2FS, "F2FS", "f2fs" },
        { FS_SQUASHFS, "squashfs", NULL },
        { FS_SWAP, "swap", NULL },
        { FS_LUKS, "LUKS", NULL },
        { FS_LVM, "LVM", NULL },
};

static const struct {
        enum fs_kind kind;
        size_t at;
        const char *magic;
} magics[] = {
        { FS_EXT, 1080, "\x53\xef" },
        { FS_XFS, 0, "XFSB" },
        { FS_BTRFS, 64 * 1024 + 64, "_BHRfS_M" },
        { FS_F2FS, 1024, "\x10\x20\xf5\xf2" },
        { FS_SQUASHFS, 0, "hsqs" },
        { FS_SWAP, 4086, "SWAPSPACE2" },
        { FS_LUKS, 0, "LUKS\xba\xbe" },
        { FS_LVM, 512 + 24, "LVM2 001" },
        { FS_FAT, 54, "FAT12   " },
        { FS_FAT, 54, "FAT16   " },
        { FS_FAT, 82, "FAT32   " },
};

enum fs_kind fs_probe(const void *data, size_t len) {
        const uint8_t *octets = data;

        for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
                size_t n = strlen(magics[i].magic);
                if (len >= magics[i].at + n && memcmp(octets + magics[i].at, magics[i].magic, n) == 0)
                        return magics[i].kind;
        }
        for (size_t i = 0; i < len; i++)
                if (octets[i])
                        return FS_UNKNOWN;
        return FS_EMPTY;
}

const char *fs_name(enum fs_kind kind) {
        return kinds[kind].name;
}

const char *fs_mount_type(enum fs_kind kind) {
        return kinds[kind].mount_type;
}
