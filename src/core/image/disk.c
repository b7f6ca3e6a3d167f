/* Unpacking FAT volumes; see disk.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/blob.h"
#include "io/tree.h"

static int read_disk(void *ctx, uint64_t offset, void *buf, size_t len) {
        struct blob *b = ctx;

        return b->read(b, offset, buf, len);
}

int disk_find_volume(const char *disk, struct disk_volume *ret, struct error *reterr) {
        static const struct blob_id unnamed;
        struct partition_extent extent;
        int error = 0;

        CLEANUP(blob_drop_at) struct blob *b = blob_open_file(disk, &unnamed, &error);
        if (!b)
                return error_set(reterr, error, "the disk image cannot be read: %s", strerror(-error));
        int r = partition_find_fat(read_disk, b, b->size, &extent);
        switch (r) {
        case PARTITION_FOUND:
                *ret = (struct disk_volume){ disk, extent };
                return 0;
        case PARTITION_NO_TABLE:
                return error_set(reterr, -EBADMSG,
                                 "this is no disk image: it has neither a partition table nor a FAT volume");
        case PARTITION_NO_FAT:
                return error_set(reterr, -EBADMSG,
                                 "the disk image has no FAT partition, from which a Raspberry Pi would boot");
        case PARTITION_CUT:
                return error_set(reterr, -EBADMSG,
                                 "the disk image is cut: its FAT volume goes on behind the end of the file");
        default:
                return error_set(reterr, r, "the disk image cannot be read: %s", strerror(-r));
        }
}

/* How mtools takes a volume in a file. */
static char *drive_of(const struct disk_volume *volume) {
        char *drive = NULL;
        int n = asprintf(&drive, "%s@@%llu", volume->disk, (unsigned long long)volume->extent.offset);
        return n < 0 ? NULL : drive;
}

bool disk_has_file(struct unpack *u, const struct disk_volume *volume, const char *name) {
        CLEANUP(free_at) char *drive = drive_of(volume);
        char path[64];

        if (!drive || snprintf(path, sizeof(path), "::/%s", name) >= (int)sizeof(path))
                return false;
        const char *const argv[] = { "mtype", "-i", drive, path, NULL };
        return unpack_tool(u, argv, volume->disk, volume->extent.len, "mtools", NULL) == 0;
}

int disk_unpack(struct unpack *u, const struct disk_volume *volume,
                int (*fn)(void *ctx, int fd, const char *path), void *ctx, struct error *reterr) {
        CLEANUP(free_at) char *drive = drive_of(volume), *dir = unpack_path(u, "fat");

        if (!drive || !dir)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (mkdir(dir, 0700) < 0)
                return error_set(reterr, -errno, "%s: %s", dir, strerror(errno));
        const char *const argv[] = { "mcopy", "-s", "-n", "-i", drive, "::/", dir, NULL };
        int r = unpack_tool(u, argv, volume->disk, volume->extent.len, "mtools", reterr);
        if (r == -EBADMSG)
                return error_prefix(reterr, "the FAT volume of the disk image is damaged");
        if (r == 0) {
                r = tree_each(AT_FDCWD, dir, fn, ctx);
                if (r == -ELOOP || r == -ENAMETOOLONG)
                        r = error_set(reterr, r, "the disk image has folders that are nested too deep");
        }
        return r;
}
