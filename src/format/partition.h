/*
 * What a disk image is divided into, by an MBR or a GPT, and where its first FAT volume lies.
 *
 * Pure: sectors come through a callback. Checksums of a GPT are not asked for: a table that points into the
 * image is good enough to look there. Sources: UEFI specification 2.10 section 5 (MBR, GPT).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { PARTITION_SECTOR = 512, PARTITION_GPT_ENTRIES_MAX = 256, PARTITIONS_MAX = 256 };

/* Reads exactly @len octets at @offset; 0 or -errno. Asked for little more than a sector at a time. */
typedef int (*partition_read_fn)(void *ctx, uint64_t offset, void *buf, size_t len);

struct partition_extent {
        uint64_t offset, len; /* octets */
        unsigned number;      /* 1 …; 0: the image is the volume itself */
};

struct partition_table {
        unsigned sector_size; /* that its numbers count: 512, or 4096 for a GPT of such a disk */
        size_t n;
        struct partition_extent items[PARTITIONS_MAX]; /* in the order of their numbers; may overlap, and
                                                          reach behind the end */
};

enum partition_answer {
        PARTITION_FOUND = 0,
        PARTITION_NO_TABLE, /* neither a partition table nor a FAT volume */
        PARTITION_NO_FAT,   /* partitions, but none of them is FAT */
        PARTITION_CUT       /* the first FAT volume reaches beyond the end of the image */
};

/**
 * partition_list() - every partition of a disk image, logical ones too, but not what is extended
 * @size:       octets of the image
 *
 * Return: PARTITION_FOUND, PARTITION_NO_TABLE also when an MBR is empty or the image is a FAT volume, or
 * -errno of @read.
 */
MUST_CHECK int partition_list(partition_read_fn read, void *ctx, uint64_t size, struct partition_table *ret);

/**
 * partition_find_fat() - the first FAT volume of a disk image
 * @ret:        set on PARTITION_FOUND only; inside the image
 *
 * Return: enum partition_answer, or -errno of @read.
 */
MUST_CHECK int partition_find_fat(partition_read_fn read, void *ctx, uint64_t size,
                                  struct partition_extent *ret);
