/* Which disk an image is written to: by the operator's hint, or by rule. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-agent/disk.h"
#include "base/error.h"

struct target_wish {
        const char *hint; /* "" none */
        uint64_t size;    /* octets that the image needs */
        uint32_t sector_size;
        bool overwrite_boot_medium; /* the operator said so */
        bool keep_firmware;         /* the firmware's partition stays */
        bool can_convert;           /* the machine could boot by an EEPROM instead */
        size_t n_begun, begun; /* disks that have half of this very deployment, and the last one's index */
};

struct target_disk {
        const struct disk *disk;
        const char *firmware_reason; /* why the machine's firmware is on it; NULL: it is not */
        bool has_data;               /* a volume that a system without a disk has, or had and kept */
};

/**
 * target_choose() - one of @n disks
 *
 * Without a hint: the fastest kind of bus first, and of one kind the first by name. Never one that is
 * read-only, too small, counts in other sectors, or carries the firmware that the machine boots from, unless
 * that was allowed; and never one with a volume of data that nobody named.
 *
 * Before all that: the one that this deployment had begun to write. A device's name may be another disk's
 * after a start, and a disk that came late would be written over as well.
 *
 * Return: its index, or negative with a sentence that names what to do.
 */
MUST_CHECK int target_choose(const struct target_disk *disks, size_t n, const struct target_wish *wish,
                             struct error *reterr);
