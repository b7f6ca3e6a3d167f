/* Looking at a disk; see data_probe.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble-agent/root/data_probe.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/job.h"

struct data_candidate data_disk_look(const struct job_world *world, const struct disk *d,
                                     const uint8_t uuid[static DATA_UUID_SIZE]) {
        struct data_candidate c = { .disk = d,
                                    .state = DATA_IS_TAKEN,
                                    .holds = "what cannot be read",
                                    .is_unread = d->size >= DATA_DISK_LEAST };
        CLEANUP(block_close_at) struct block *block = NULL;
        CLEANUP(free_at) void *begin = block_buffer(DATA_PROBE_BEGIN), *end = block_buffer(DATA_PROBE_END);
        char path[TREE_PATH_MAX];

        if (!begin || !end || d->size < DATA_DISK_LEAST ||
            block_open(tree_name(path, "%s/dev/%s", world->root, d->name), d->name, false, &block, NULL) <
                    0 ||
            block_size(block) < DATA_DISK_LEAST || block_read(block, 0, begin, DATA_PROBE_BEGIN, NULL) < 0 ||
            block_read(block, block_size(block) - DATA_PROBE_END, end, DATA_PROBE_END, NULL) < 0)
                return c;
        c.is_unread = false;
        c.state = data_probe(begin, DATA_PROBE_BEGIN, end, DATA_PROBE_END, uuid, &c.holds);
        c.firmware_reason = c.state == DATA_IS_TAKEN ? firmware_on_disk(world, d) : NULL;
        return c;
}

bool data_disk_has_some(const struct job_world *world, const struct disk *d) {
        CLEANUP(block_close_at) struct block *block = NULL;
        CLEANUP(free_at) void *begin = block_buffer(DATA_PROBE_BEGIN);
        char path[TREE_PATH_MAX];

        return begin && d->size >= DATA_DISK_LEAST &&
               block_open(tree_name(path, "%s/dev/%s", world->root, d->name), d->name, false, &block, NULL) ==
                       0 &&
               block_read(block, 0, begin, DATA_PROBE_BEGIN, NULL) == 0 &&
               data_is_labelled(begin, DATA_PROBE_BEGIN);
}
