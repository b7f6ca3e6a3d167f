/* Disks and their partitions. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "app/bramble-agent/disk.h"
#include "app/bramble-agent/inventory/fields.h"
#include "app/bramble-agent/inventory/inventory.h"
#include "app/bramble-agent/json.h"

enum { KERNEL_SECTOR = 512 };

static json_t *read_partitions(const struct tree *t, const char *disk) {
        CLEANUP(tree_names_free) struct tree_names names = tree_list(t, "sys/block/%s", disk);
        json_t *partitions = json_array();

        for (size_t i = 0; i < names.n; i++) {
                char dir[TREE_PATH_MAX];
                int64_t read_only;
                (void)tree_name(dir, "sys/block/%s/%s", disk, names.items[i]);
                if (!tree_exists(t, "%s/partition", dir))
                        continue;
                json_t *p = json_object();
                json_put_text(p, "id", names.items[i]);
                field_text(p, "device", t, dir, "dev");
                field_number(p, "partition", t, dir, "partition", 1);
                field_number(p, "size", t, dir, "size", KERNEL_SECTOR);
                json_put_bool(p, "read_only", tree_number(t, &read_only, "%s/ro", dir) && read_only == 1);
                (void)json_array_append_new(partitions, p);
        }
        return partitions;
}

static json_t *describe(const struct tree *t, const struct disk *d) {
        json_t *o = json_object();
        char dir[TREE_PATH_MAX];

        (void)tree_name(dir, "sys/block/%s", d->name);
        json_put_text(o, "id", d->name);
        json_put_text(o, "device", d->number);
        json_put_text(o, "model", d->model);
        json_put_text(o, "serial", d->serial);
        json_put_text(o, "wwn", d->wwn);
        json_put_text(o, "firmware_version", d->firmware);
        json_put_text(o, "type", disk_bus_name(d->bus));
        json_put_number(o, "size", (int64_t)d->size);
        json_put_number(o, "block_size", d->block_size);
        json_put_number(o, "sector_size", d->sector_size);
        json_put_bool(o, "read_only", d->is_read_only);
        json_put_bool(o, "removable", d->is_removable);
        json_put_bool(o, "rotational", d->is_rotational);
        json_put_bool(o, "discard", d->can_discard);
        field_addresses(o, t, dir);
        json_put(o, "partitions", read_partitions(t, d->name));
        return o;
}

json_t *inventory_storage(const struct tree *t) {
        json_t *o = json_object(), *disks = json_array();
        struct disk items[DISKS_MAX];
        unsigned n = disk_list(t, items);

        for (unsigned i = 0; i < n; i++)
                (void)json_array_append_new(disks, describe(t, &items[i]));
        json_put_number(o, "total", n);
        json_put(o, "disks", disks);
        return o;
}
