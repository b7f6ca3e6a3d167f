/* Which of a machine's disks carries the firmware that it boots from: medium.h asked with what is on the
 * disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/bramble-agent/disk.h"

struct job_world;

/* What of a disk is the machine's firmware. */
struct firmware {
        const char *reason; /* half a sentence; NULL: nothing */
        bool is_unread;     /* nobody knows: the disk cannot be read, and the machine may boot from it */
        uint64_t begin,
                len; /* of the volume that it lies in, octets; @len 0: it lies before the first partition */
};

/** firmware_can_convert() - whether the machine could boot by an EEPROM instead of such a disk. */
bool firmware_can_convert(const struct job_world *world);

/** firmware_look() - nothing is mounted or written. */
struct firmware firmware_look(const struct job_world *world, const struct disk *d);

/** firmware_on_disk() - why it is one that the machine boots from: half a sentence; NULL: it is none. */
const char *firmware_on_disk(const struct job_world *world, const struct disk *d);
