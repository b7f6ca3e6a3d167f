/* Which of a machine's disks carries the firmware that it boots from: medium.h asked with what is on the
 * disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/disk.h"

struct job_world;

/** firmware_can_convert() - whether the machine could boot by an EEPROM instead of such a disk. */
bool firmware_can_convert(const struct job_world *world);

/** firmware_on_disk() - half a sentence; NULL: none, or the disk cannot be read. Mounts its first FAT
 * partition for a moment, read-only. */
const char *firmware_on_disk(const struct job_world *world, const struct disk *d);
