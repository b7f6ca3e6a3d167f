/*
 * What makes an image that lies on a disk this machine's own system: its last partition takes the rest of the
 * disk, its ids are its own, its texts have the machine's words, and cloud-init finds what it is to do.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "app/bramble-agent/deploy/order.h"
#include "app/bramble-agent/deploy/volumes.h"
#include "base/cleanup.h"
#include "base/error.h"

struct job;

/**
 * finish_system() - carry it out
 * @image:      the image's own table, and
 * @joined:     what stands on the disk instead of it, from disk_table_put_behind(); both NULL: the image's
 * table lies on the disk
 *
 * What could not be done but does no harm becomes a note in the job's data; what harms is an error.
 */
MUST_CHECK int finish_system(struct job *job, const struct deploy_order *order, const struct disk_place *disk,
                             uint32_t sector_size, const struct disk_table *image,
                             const struct disk_table *joined, struct error *reterr);

/** finish_write_table() - a table to the begin and the end of the disk, and the kernel told. */
MUST_CHECK int finish_write_table(const struct disk_place *disk, const struct disk_table *table,
                                  struct error *reterr);

/** finish_read_table() - enum disk_table_answer, or negative with a sentence. */
MUST_CHECK int finish_read_table(const struct disk_place *disk, uint32_t sector_size, struct disk_table *ret,
                                 struct error *reterr);
