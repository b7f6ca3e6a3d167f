/*
 * The medium beside the disk from which Ubuntu Core reads an assertion: by the operator's hint, or by rule.
 * Pure.
 *
 * snapd looks for a file auto-import.assert in the root of every FAT or ext4 that appears. Its own disk stays
 * as the image is: from Ubuntu Core 20 on it refuses one with a partition that its gadget does not name.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/bramble-agent/disk.h"
#include "base/cleanup.h"
#include "base/error.h"

#define ASIDE_FILE "auto-import.assert"
#define ASIDE_LABEL "BRAMBLE-UC"

struct aside_disk {
        const struct disk *disk;
        const char *firmware_reason; /* why the machine's firmware is on it; NULL: it is not */
        bool is_target;              /* the system is written to it */
        bool is_empty;               /* both its ends read as zeros */
        bool has_one;                /* an assertion that was put there for an earlier deployment */
        bool has_data;               /* a volume that a system without a disk has, or had and kept */
};

/** aside_is_ours() - whether a disk that begins so is a medium that we made. */
bool aside_is_ours(const void *begin, size_t len);

/**
 * aside_choose() - one of @n disks
 * @hint:       "" none: the one that has an assertion already; else an empty one, what can be unplugged first
 *
 * What the hint names is taken whatever lies on it, but for the system's own disk, a volume of data, and
 * firmware that the machine boots from.
 *
 * Return: its index, or negative with a sentence that names what to do.
 */
MUST_CHECK int aside_choose(const struct aside_disk *disks, size_t n, const char *hint, struct error *reterr);
