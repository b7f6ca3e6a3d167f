/*
 * Where the FAT volume lies in a disk image: in an MBR or GPT partition, or over the whole of it.
 *
 * Pure: sectors come through a callback. Extended partitions and file systems other than FAT are not looked
 * into. Sources: UEFI specification 2.10 section 5 (MBR, GPT); Microsoft FAT specification 1.03.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { PARTITION_SECTOR = 512, PARTITION_GPT_ENTRIES_MAX = 256 };

/* Reads exactly @len octets at @offset; 0 or -errno. Asked for little more than a sector at a time. */
typedef int (*partition_read_fn)(void *ctx, uint64_t offset, void *buf, size_t len);

struct partition_extent {
        uint64_t offset, len; /* octets; inside the image */
        unsigned number;      /* 1 …; 0: the image is the volume itself */
};

enum partition_answer {
        PARTITION_FOUND = 0,
        PARTITION_NO_TABLE, /* neither a partition table nor a FAT volume */
        PARTITION_NO_FAT,   /* partitions, but none of them is FAT */
        PARTITION_CUT       /* the first FAT volume reaches beyond the end of the image */
};

/**
 * partition_find_fat() - the first FAT volume of a disk image
 * @size:       octets of the image
 * @ret:        set on PARTITION_FOUND only
 *
 * Return: enum partition_answer, or -errno of @read.
 */
MUST_CHECK int partition_find_fat(partition_read_fn read, void *ctx, uint64_t size,
                                  struct partition_extent *ret);
