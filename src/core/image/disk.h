/*
 * The FAT volume of a raw disk, from which Raspberry Pis boot: its files, unpacked by mtools in a confined
 * child.
 *
 * Not a file system of ours: what strangers wrote is read by a program that has no rights to lose
 * (io/child.h).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "core/image/unpack.h"
#include "format/partition.h"

struct disk_volume {
        const char *disk; /* path, borrowed */
        struct partition_extent extent;
};

/** disk_find_volume() - the first FAT volume; @disk outlives @ret. 0, or -errno with a sentence: no partition
 * table, no FAT, an image that is cut, …. */
MUST_CHECK int disk_find_volume(const char *disk, struct disk_volume *ret, struct error *reterr);

/** disk_has_file() - whether a file lies at the top of the volume, in any case. */
bool disk_has_file(struct unpack *u, const struct disk_volume *volume, const char *name);

/**
 * disk_unpack() - every file of the volume
 * @fn:         called for each file with a descriptor and the path below the volume's root; until non-zero,
 * with its own sentence
 *
 * Names that begin with a dot are passed over: they are what desktops leave behind.
 *
 * Return: 0, or -errno with a sentence.
 */
MUST_CHECK int disk_unpack(struct unpack *u, const struct disk_volume *volume,
                           int (*fn)(void *ctx, int fd, const char *path), void *ctx, struct error *reterr);
