/*
 * Disk images: the files of the FAT volume in an .img, unpacked by mtools in a confined child.
 *
 * Not a file system of ours: what strangers wrote is read by a program that has no rights to lose
 * (io/child.h).
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "core/image/store.h"

enum {
        DISK_CPU_S = 300,
        DISK_TIMEOUT_MS = 15 * 60 * 1000,
        DISK_MEMORY = 512 * 1024 * 1024 /* octets of address space: mtools keeps the FAT in memory */
};

/**
 * disk_unpack() - every file of the first FAT volume
 * @store:      where it is unpacked to, for a while
 * @image:      the sealed disk image
 * @fn:         called for each file with a descriptor and the path below the volume's root; until non-zero,
 * with its own sentence
 *
 * Names that begin with a dot are passed over: they are what desktops leave behind.
 *
 * Return: 0, or -errno with a sentence: no partition table, no FAT, an image that is cut or compressed, ….
 */
MUST_CHECK int disk_unpack(struct store *store, const struct store_writer *image,
                           int (*fn)(void *ctx, int fd, const char *path), void *ctx, struct error *reterr);
