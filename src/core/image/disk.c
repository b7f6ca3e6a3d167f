/* Unpacking disk images; see disk.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/image/look.h"
#include "core/site/image.h"
#include "format/partition.h"
#include "io/child.h"
#include "io/tree.h"

static int read_disk(void *ctx, uint64_t offset, void *buf, size_t len) {
        struct blob *b = ctx;

        return b->read(b, offset, buf, len);
}

/* A download that was not unpacked is what most often comes in the place of an image. */
static int no_table(const struct blob *disk, struct error *reterr) {
        uint8_t begin[PARTITION_SECTOR];
        size_t len = disk->size < sizeof(begin) ? (size_t)disk->size : sizeof(begin);
        struct blob *b = (struct blob *)(uintptr_t)disk;

        if (len == 0)
                return error_set(reterr, -EBADMSG, "the disk image is empty");
        if (b->read(b, 0, begin, len) == 0) {
                struct kernel_info info = kernel_probe(begin, len);
                if (kernel_is_initrd(info.kind) || memcmp(begin, "PK\3\4", 4) == 0)
                        return error_set(reterr, -EBADMSG, "the disk image is packed (%s): unpack it first",
                                         info.kind == KERNEL_UNKNOWN ? "zip data"
                                                                     : kernel_kind_name(info.kind));
        }
        return error_set(reterr, -EBADMSG,
                         "this is no disk image: it has neither a partition table nor a FAT volume");
}

static int find_volume(struct blob *disk, struct partition_extent *ret, struct error *reterr) {
        int r = partition_find_fat(read_disk, disk, disk->size, ret);

        switch (r) {
        case PARTITION_FOUND:
                return 0;
        case PARTITION_NO_TABLE:
                return no_table(disk, reterr);
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

static bool has_room(void *ctx) {
        return store_check_room(ctx, 0, NULL) == 0;
}

static int judge_child(struct store *store, const struct child_result *result, struct error *reterr) {
        size_t line = strcspn(result->output, "\n");

        switch (result->end) {
        case CHILD_STOPPED:
                return store_check_room(store, UINT64_MAX, reterr);
        case CHILD_TIMEOUT:
                return error_set(reterr, -ETIMEDOUT, "the disk image took longer than %d minutes to unpack",
                                 DISK_TIMEOUT_MS / 60000);
        case CHILD_KILLED:
                return error_set(reterr, -EBADMSG,
                                 "mcopy was ended by signal %d while it unpacked the disk image",
                                 result->signal);
        case CHILD_EXITED:
                break;
        }
        if (result->exit_status == 0)
                return 0;
        return error_set(reterr, -EBADMSG, "the FAT volume of the disk image is damaged: %.*s", (int)line,
                         result->output);
}

static int copy_out(struct store *store, const char *disk_path, const struct partition_extent *volume,
                    const char *dir, struct error *reterr) {
        /* No configuration file, no complaint about geometry, names as UTF-8. */
        static const char *const env[] = { "MTOOLSRC=/dev/null", "MTOOLS_SKIP_CHECK=1", "LC_ALL=C.UTF-8",
                                           "HOME=/nonexistent", NULL };
        CLEANUP(free_at) char *drive = NULL;
        struct child_result result;

        if (asprintf(&drive, "%s@@%llu", disk_path, (unsigned long long)volume->offset) < 0)
                return error_set(reterr, -ENOMEM, "out of memory");
        const char *const argv[] = { "mcopy", "-s", "-n", "-i", drive, "::/", dir, NULL };
        struct child_options options = { .argv = argv,
                                         .env = env,
                                         .work_dir = dir,
                                         .readable = { disk_path },
                                         .cpu_s = DISK_CPU_S,
                                         .file_octets = volume->len,
                                         .memory_octets = DISK_MEMORY,
                                         .timeout_ms = DISK_TIMEOUT_MS,
                                         .may_go_on = has_room,
                                         .ctx = store };

        int r = child_run(&options, &result);
        if (r == -ENOENT)
                return error_set(reterr, r,
                                 "mcopy is not there, which unpacks disk images: install the package mtools");
        if (r < 0)
                return error_set(reterr, r, "mcopy cannot be started: %s", strerror(-r));
        return judge_child(store, &result, reterr);
}

int disk_unpack(struct store *store, const struct store_writer *image,
                int (*fn)(void *ctx, int fd, const char *path), void *ctx, struct error *reterr) {
        struct partition_extent volume;
        int error = 0;

        CLEANUP(blob_drop_at) struct blob *disk = store_writer_open(image, &error);
        if (!disk)
                return error_set(reterr, error, "the disk image cannot be read: %s", strerror(-error));
        int r = find_volume(disk, &volume, reterr);
        if (r < 0)
                return r;
        CLEANUP(free_at) char *dir = store_make_dir(store, reterr);
        if (!dir)
                return -EIO;

        r = copy_out(store, store_writer_path(image), &volume, dir, reterr);
        if (r == 0) {
                r = tree_each(AT_FDCWD, dir, fn, ctx);
                if (r == -ELOOP || r == -ENAMETOOLONG)
                        r = error_set(reterr, r, "the disk image has folders that are nested too deep");
        }
        /* What cannot be removed now is removed at the next start. */
        (void)!tree_remove(AT_FDCWD, dir);
        return r;
}
