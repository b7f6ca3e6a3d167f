/* A volume of data on a disk of the machine: found by its UUID, made where it is not there yet. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/disks.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/clock.h"
#include "app/bramble-agent/io/log.h"
#include "app/bramble-agent/io/mkfs.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/root/data_probe.h"
#include "app/bramble-agent/root/ways.h"

/* All of it, with nothing of what was there to be found again at its ends. */
static int make(const struct root_place *place, const struct disk *d, const char *path,
                const struct root_source *from, struct error *reterr) {
        CLEANUP(block_close_at) struct block *block = NULL;
        CLEANUP(free_at) uint8_t *mark = block_buffer(BLOCK_ALIGN);

        if (!mark)
                return error_set(reterr, -ENOMEM, "out of memory");
        log_line("disk %s becomes this machine's disk for data", d->name);
        job_say(place->job, "format", 0, 0, "%s", d->name);
        int r = block_open(path, d->name, true, &block, reterr);
        if (r < 0)
                return r;
        const uint64_t size = block_size(block);
        memset(mark, 0, BLOCK_ALIGN);
        data_mark_write(from->uuid, mark);
        r = block_zero(block, size - DATA_PROBE_END, DATA_PROBE_END, reterr);
        if (r == 0)
                r = block_zero(block, 0, DATA_PROBE_BEGIN, reterr);
        if (r == 0)
                r = block_write(block, 0, mark, BLOCK_ALIGN, reterr);
        if (r == 0)
                r = block_sync(block, reterr);
        (void)!block_reread(block); /* partitions that were there are not */
        block_close(TAKE(block));
        const struct mkfs_wish wish = { .path = path,
                                        .name = d->name,
                                        .size = size,
                                        .uuid = from->uuid,
                                        .label = DATA_LABEL,
                                        .now_s = clock_unix_s() };
        return r < 0 ? r : mkfs_ext4(&wish, reterr);
}

/* Of the disks that are there. */
static int choose(const struct job_world *world, const struct root_source *from, const struct disk *disks,
                  unsigned n, struct disk *ret, struct error *reterr) {
        const struct data_wish wish = { .hint = from->hint,
                                        .may_make = from->may_make,
                                        .may_overwrite = from->may_overwrite };
        struct data_candidate candidates[DISKS_MAX];
        size_t chosen = 0;

        for (unsigned i = 0; i < n; i++)
                candidates[i] = data_disk_look(world, &disks[i], from->uuid);
        int r = data_choose(candidates, n, &wish, &chosen, reterr);
        if (r >= 0)
                *ret = disks[chosen];
        return r;
}

int root_disk(const struct root_place *place, const struct root_source *from, struct error *reterr) {
        const struct job_world *world = job_world(place->job);
        struct disk disks[DISKS_MAX];
        char path[TREE_PATH_MAX];
        struct disk d;

        int r = choose(world, from, disks, disks_now(place->job, disks), &d, reterr);
        /* The one that has the data may be the last to come: none is made before all are there. */
        if (r != DATA_MOUNT)
                r = choose(world, from, disks, disks_wait(place->job, disks), &d, reterr);
        for (unsigned i = 0; r == -ENODEV && i < DATA_WAITS && job_sleep(place->job, DATA_WAIT_MS); i++)
                r = choose(world, from, disks, disks_now(place->job, disks), &d, reterr);
        if (!job_may_go_on(place->job))
                return -ECANCELED;
        if (r < 0)
                return r;
        (void)tree_name(path, "%s/dev/%s", world->root, d.name);
        if (r == DATA_MAKE)
                r = make(place, &d, path, from, reterr);
        return r < 0 ? r : root_mount(place, path, "ext4", "", reterr);
}
