/* Looking for firmware on a disk; see firmware.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/arch.h"
#include "app/bramble-agent/deploy/finish.h"
#include "app/bramble-agent/deploy/firmware.h"
#include "app/bramble-agent/deploy/medium.h"
#include "app/bramble-agent/deploy/volumes.h"
#include "app/bramble-agent/inventory/pi.h"
#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/job.h"

enum { NAMES_MAX = 512 };

static struct medium_machine look_at_machine(const struct tree *t) {
        return (struct medium_machine){ .is_pi = pi_is_one(t),
                                        .has_eeprom = pi_has_eeprom(t),
                                        .is_uefi = tree_exists(t, "sys/firmware/efi"),
                                        .is_arm = strcmp(ARCH_NAME, "amd64") != 0 };
}

bool firmware_can_convert(const struct job_world *world) {
        return pi_is_one(&world->tree) && pi_family_has_eeprom(&world->tree);
}

/* The first FAT volume is where a board's firmware looks. */
static const char *judge(const struct medium_machine *m, struct medium_disk *d, const struct volumes *v) {
        const char *list[NAMES_MAX + 1];

        for (size_t i = 0; i < v->n; i++) {
                if (v->items[i].kind != FS_FAT || !v->items[i].volume)
                        continue;
                CLEANUP(tree_names_free) struct tree_names names = volume_list(v->items[i].volume, ".");
                size_t n = 0;
                for (; n < names.n && n < NAMES_MAX; n++)
                        list[n] = names.items[n];
                list[n] = NULL;
                d->names = list;
                return medium_firmware(m, d);
        }
        return medium_firmware(m, d);
}

const char *firmware_on_disk(const struct job_world *world, const struct disk *d) {
        const struct medium_machine machine = look_at_machine(&world->tree);
        char path[TREE_PATH_MAX];
        CLEANUP(block_close_at) struct block *block = NULL;
        CLEANUP(free_at) void *begin = block_buffer(MEDIUM_PROBE_SIZE);
        CLEANUP(free_at) struct disk_table *table = calloc(1, sizeof(*table));
        CLEANUP(free_at) struct volumes *volumes = calloc(1, sizeof(*volumes));

        /* Where no disk can matter none is touched. */
        if (!medium_matters(&machine) || !begin || !table || !volumes ||
            block_open(tree_name(path, "%s/dev/%s", world->root, d->name), d->name, false, &block, NULL) < 0)
                return NULL;
        struct medium_disk disk = { .begin = begin,
                                    .begin_len =
                                            block_size(block) < MEDIUM_PROBE_SIZE ? 0 : MEDIUM_PROBE_SIZE };
        const struct disk_place place = { .path = path, .name = d->name, .block = block };
        if (block_read(block, 0, begin, disk.begin_len, NULL) < 0)
                return NULL;
        if (finish_read_table(&place, d->sector_size, table, NULL) == DISK_TABLE_FOUND)
                (void)!volumes_open(&place, table, false, volumes, NULL);
        const char *reason = judge(&machine, &disk, volumes);
        volumes_free(volumes);
        return reason;
}
