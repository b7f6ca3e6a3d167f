/* The partitions of a disk whose file systems can be mounted, all at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "app/bramble-agent/deploy/fs.h"
#include "app/bramble-agent/io/volume.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "format/disk_table.h"

struct block;

/* Where a disk is: its device, or a file that plays one. */
struct disk_place {
        const char *path; /* "/dev/vda" */
        const char *name; /* "vda" */
        struct block *block;
};

struct disk_volume {
        struct disk_part part;
        enum fs_kind kind;
        struct volume *volume; /* NULL: not mounted, see @why */
        struct error why;
};

/* Zero-initialise. */
struct volumes {
        size_t n;
        struct disk_volume items[DISK_TABLE_PARTS_MAX];
};

/** volumes_open() - what can be mounted is; 0, or negative with a sentence when the disk cannot be read. */
MUST_CHECK int volumes_open(const struct disk_place *disk, const struct disk_table *table, bool may_write,
                            struct volumes *ret, struct error *reterr);

/** volumes_close() - unmount all; negative with a sentence when something did not arrive. */
MUST_CHECK int volumes_close(struct volumes *v, struct error *reterr);
void volumes_free(struct volumes *v); /* the same, for whom it is too late */
