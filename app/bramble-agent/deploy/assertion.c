/* Assertions on a medium of their own; see assertion.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "app/bramble-agent/deploy/aside.h"
#include "app/bramble-agent/deploy/assertion.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/random.h"
#include "app/bramble-agent/job.h"
#include "app/bramble-agent/root/data_probe.h"
#include "format/seed_volume.h"

enum { EDGE = 1 << 20 }; /* octets at both ends where tables and labels lie */

static bool is_zero(const uint8_t *octets, size_t len) {
        return octets[0] == 0 && memcmp(octets, octets + 1, len - 1) == 0;
}

/* What cannot be read is not empty. */
static void look_at_ends(const struct job_world *world, struct aside_disk *d) {
        CLEANUP(block_close_at) struct block *block = NULL;
        CLEANUP(free_at) uint8_t *begin = block_buffer(EDGE), *end = block_buffer(EDGE);
        char path[TREE_PATH_MAX];

        if (!begin || !end || d->disk->size < SEED_VOLUME_SIZE ||
            block_open(tree_name(path, "%s/dev/%s", world->root, d->disk->name), d->disk->name, false, &block,
                       NULL) < 0 ||
            block_size(block) < SEED_VOLUME_SIZE || block_read(block, 0, begin, EDGE, NULL) < 0 ||
            block_read(block, block_size(block) - EDGE, end, EDGE, NULL) < 0)
                return;
        d->is_empty = is_zero(begin, EDGE) && is_zero(end, EDGE);
        d->has_one = aside_is_ours(begin, EDGE);
}

int assertion_find_medium(const struct job_world *world, const struct disk *target, const char *hint,
                          struct disk *ret, struct error *reterr) {
        struct disk disks[DISKS_MAX];
        struct aside_disk rows[DISKS_MAX];
        unsigned n = disk_list(&world->tree, disks);

        for (unsigned i = 0; i < n; i++) {
                rows[i] = (struct aside_disk){ .disk = &disks[i],
                                               .firmware_reason = firmware_on_disk(world, &disks[i]),
                                               .is_target = strcmp(disks[i].name, target->name) == 0,
                                               .has_data = data_disk_has_some(world, &disks[i]) };
                look_at_ends(world, &rows[i]);
        }
        int chosen = aside_choose(rows, n, hint, reterr);
        if (chosen < 0)
                return chosen;
        *ret = disks[chosen];
        return 0;
}

int assertion_write(const struct job_world *world, const struct disk *medium, const char *text,
                    struct error *reterr) {
        CLEANUP(block_close_at) struct block *block = NULL;
        CLEANUP(free_at) uint8_t *octets = block_buffer(SEED_VOLUME_SIZE);
        const struct seed_file file = { .name = ASIDE_FILE, .data = text, .len = strlen(text) };
        char path[TREE_PATH_MAX];
        uint32_t serial = 0;

        if (!octets)
                return error_set(reterr, -ENOMEM, "out of memory");
        (void)!random_octets(&serial, sizeof(serial)); /* zero is a number, too */
        int r = seed_volume_make(&file, 1, ASIDE_LABEL, serial, octets);
        if (r < 0)
                return error_set(reterr, r, "the assertion is too long for a volume of %d MiB",
                                 SEED_VOLUME_SIZE >> 20);
        r = block_open(tree_name(path, "%s/dev/%s", world->root, medium->name), medium->name, true, &block,
                       reterr);
        /* A second partition table at the end would have others look for what was there before. */
        if (r == 0 && block_size(block) >= SEED_VOLUME_SIZE + EDGE)
                r = block_zero(block, block_size(block) - EDGE, EDGE, reterr);
        if (r == 0)
                r = block_write(block, 0, octets, SEED_VOLUME_SIZE, reterr);
        if (r == 0)
                r = block_sync(block, reterr);
        return r;
}
