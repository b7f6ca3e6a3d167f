/*
 * What of a disk can be erased when it carries the firmware that its machine boots from. Pure.
 *
 * Kept are the octets before the first partition, the volume that the firmware lies in, and partitions that
 * are nothing but firmware. All else goes, out of the partition table as well.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "format/disk_table.h"

struct firmware;

enum {
        AROUND_HEAD = 16 << 20, /* octets where boards' loaders lie, as far as no partition begins before */
        AROUND_AREAS_MAX = DISK_TABLE_PARTS_MAX + 1
};

struct around {
        size_t n;
        struct {
                uint64_t at, len;  /* octets */
        } areas[AROUND_AREAS_MAX]; /* that are erased, in their order; each partition that goes begins one */
        struct disk_table left;    /* the table as it is afterwards */
};

/**
 * around_plan() - what is erased, and the table that is left
 * @has_files:  for each partition of the table whether a file system, or anything else that is known, is in
 * it
 *
 * Return: 0, or -ENOENT when the firmware lies in none of the partitions.
 */
MUST_CHECK int around_plan(const struct disk_table *table, const struct firmware *f, const bool *has_files,
                           uint64_t size, struct around *ret);
