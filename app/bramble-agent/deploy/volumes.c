/* Mounting a disk's partitions; see volumes.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/bramble-agent/deploy/volumes.h"
#include "app/bramble-agent/disk.h"
#include "app/bramble-agent/io/block.h"

enum { PATH_SIZE = 512 };

static void mount_one(const struct disk_place *disk, const struct disk_table *table, bool may_write,
                      struct disk_volume *v) {
        char path[PATH_SIZE], name[DISK_NAME_SIZE + 16];
        struct volume_source source = { .path = disk->path,
                                        .is_part = true,
                                        .offset = v->part.first * table->sector_size,
                                        .len = v->part.n * table->sector_size };

        if (block_is_device(disk->block)) {
                disk_partition_name(disk->name, v->part.number, name, sizeof(name));
                (void)snprintf(path, sizeof(path), "%.*s%s", (int)(strlen(disk->path) - strlen(disk->name)),
                               disk->path, name);
                source = (struct volume_source){ .path = path };
        }
        if (volume_mount(&source, fs_mount_type(v->kind), may_write, &v->volume, &v->why) < 0)
                v->volume = NULL;
}

int volumes_open(const struct disk_place *disk, const struct disk_table *table, bool may_write,
                 struct volumes *ret, struct error *reterr) {
        CLEANUP(free_at) void *begin = block_buffer(FS_PROBE_SIZE);

        if (!begin)
                return error_set(reterr, -ENOMEM, "out of memory");
        ret->n = 0;
        for (size_t i = 0; i < table->n_parts; i++) {
                struct disk_volume *v = &ret->items[ret->n++];
                *v = (struct disk_volume){ .part = table->parts[i] };
                uint64_t offset = v->part.first * table->sector_size, len = v->part.n * table->sector_size;
                if (offset > block_size(disk->block) || len > block_size(disk->block) - offset)
                        continue; /* a table that lies */
                size_t n = len < FS_PROBE_SIZE ? (size_t)len : FS_PROBE_SIZE;
                int r = block_read(disk->block, offset, begin, n, reterr);
                if (r < 0) {
                        volumes_free(ret);
                        return r;
                }
                v->kind = fs_probe(begin, n);
                if (fs_mount_type(v->kind))
                        mount_one(disk, table, may_write, v);
        }
        return 0;
}

int volumes_close(struct volumes *v, struct error *reterr) {
        int result = 0;

        for (size_t i = 0; i < v->n; i++) {
                int r = volume_unmount(TAKE(v->items[i].volume));
                if (r < 0)
                        result = error_set(reterr, r, "partition %u: what was written did not arrive: %s",
                                           v->items[i].part.number, strerror(-r));
        }
        v->n = 0;
        return result;
}

void volumes_free(struct volumes *v) {
        (void)!volumes_close(v, NULL);
}
