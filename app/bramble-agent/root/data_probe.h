/* Looking at a disk for a machine's data: data_disk.h asked with what is on it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/root/data_disk.h"

struct job_world;

/** data_disk_look() - one that cannot be read is taken, and says is_unread. */
struct data_candidate data_disk_look(const struct job_world *world, const struct disk *d,
                                     const uint8_t uuid[static DATA_UUID_SIZE]);

/** data_disk_has_some() - whether it has a volume of data, whosever it is. */
bool data_disk_has_some(const struct job_world *world, const struct disk *d);
