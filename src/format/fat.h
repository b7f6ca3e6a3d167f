/*
 * FAT volumes, as far as telling which of their octets are in use.
 *
 * Pure: octets come through a callback. Files are not looked at: mtools reads those, and
 * fat_root.h the names in the root. Source: Microsoft FAT specification 1.03.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

enum { FAT_BOOT_SECTOR = 512, FAT_LABEL_MAX = 11 };

struct fat_volume {
        uint64_t size;                 /* octets, as the boot sector says */
        unsigned bits;                 /* of an entry: 12, 16 or 32 */
        uint32_t cluster_size;         /* octets */
        uint32_t n_clusters;           /* 0: the sizes make no sense */
        uint64_t data_offset;          /* of the first cluster */
        uint64_t fat_offset;           /* of the table that counts */
        uint64_t fat_size;             /* octets of one table */
        uint64_t root_size;            /* octets of the root directory before the clusters, or 0 and */
        uint32_t root_cluster;         /* the first one that it has instead: FAT32 */
        char label[FAT_LABEL_MAX + 1]; /* as the boot sector has it */
};

/** fat_volume_parse() - a volume by its boot sector; -EBADMSG when it is none. */
MUST_CHECK int fat_volume_parse(const uint8_t sector[static FAT_BOOT_SECTOR], struct fat_volume *ret);

/**
 * fat_each_used() - the parts of a volume that are in use, in their order
 * @read:       exactly @len octets at @offset of the volume; 0 or -errno
 * @fn:         until non-zero; may be told of neighbours one by one
 *
 * Boot sector, tables and root directory are in use; a cluster is, unless its entry says that it is free.
 *
 * Return: 0, what @fn returned, -EBADMSG when the table does not reach as far as the clusters, or -errno of
 * @read.
 */
MUST_CHECK int fat_each_used(const struct fat_volume *v,
                             int (*read)(void *ctx, uint64_t offset, void *buf, size_t len),
                             int (*fn)(void *ctx, uint64_t offset, uint64_t len), void *ctx);
