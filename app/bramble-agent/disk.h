/*
 * A disk as the kernel describes it, read from sysfs.
 *
 * What is asked of it: what it is, how large, how it may be written, and which of many a hint means.
 * Partitions, loops, RAM disks and the hidden areas of eMMC are no disks.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-agent/io/tree.h"

enum { DISK_NAME_SIZE = 32, DISK_TEXT_SIZE = 72, DISKS_MAX = 64 };

/* In the order in which an installation likes them. */
enum disk_bus { DISK_NVME, DISK_SATA, DISK_SCSI, DISK_VIRTIO, DISK_EMMC, DISK_SD, DISK_USB, DISK_OTHER };

struct disk {
        char name[DISK_NAME_SIZE]; /* "mmcblk0" */
        char number[16];           /* "179:0" */
        char model[DISK_TEXT_SIZE], serial[DISK_TEXT_SIZE], wwn[DISK_TEXT_SIZE], firmware[DISK_TEXT_SIZE];
        enum disk_bus bus;
        uint64_t size;        /* octets */
        uint32_t sector_size; /* logical: what addresses count in */
        uint32_t block_size;  /* physical */
        bool is_rotational, is_removable, is_read_only;
        bool can_discard;
};

/** disk_list() - all disks of the machine, by name. Returns how many. */
unsigned disk_list(const struct tree *t, struct disk ret[static DISKS_MAX]);

/** disk_is_meant() - whether @hint names this disk: its name, /dev/NAME, its serial number or its WWN. */
bool disk_is_meant(const struct disk *d, const char *hint);

/** disk_bus_name() - "nvme", "sata", …, "sd". */
const char *disk_bus_name(enum disk_bus bus);

/** disk_partition_name() - the name of a partition: vda1, mmcblk0p1. */
void disk_partition_name(const char *disk, unsigned number, char *buf, size_t size);
