/*
 * The mark of a deployment on the disk that it has begun to write: after a power cut the agent goes on there,
 * whatever other disks have come, and whatever the kernel calls this one now. Pure.
 *
 * It stands where the partition table will, which is written last; behind firmware that stays, where the
 * table stays as well, it stands before the disk's last MiB and goes when all is written.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct deploy_order;

enum { BEGUN_MARK_SIZE = 4096, BEGUN_FROM_END = 1 << 20 };

/** begun_mark_write() - the mark of this deployment: of its image, and of the instance that it makes. */
void begun_mark_write(const struct deploy_order *o, uint8_t ret[static BEGUN_MARK_SIZE]);

/** begun_mark_is() - whether these octets are the mark of this deployment. */
bool begun_mark_is(const struct deploy_order *o, const uint8_t octets[static BEGUN_MARK_SIZE]);
