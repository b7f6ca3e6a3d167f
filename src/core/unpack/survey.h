/*
 * A disk image looked over: its partitions, the file systems in them, and which octets are worth keeping.
 *
 * Kept are: the partition tables; of ext4 and FAT the blocks in use; of swap its header; of what is not known
 * everything, because nobody but its owner can tell a zero from a hole; and between partitions what is not
 * zero. The parts go to the file SURVEY_RUNS as pairs of big-endian 64-bit numbers, offset and length, in
 * their order, and the lines on its partitions to SURVEY_VOLUMES.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

#define SURVEY_RUNS "runs"
#define SURVEY_VOLUMES "volumes"

/** survey() - lines "size N", "sector N", and for each partition "partition NUMBER OFFSET LENGTH WHAT", where
 * WHAT is ext4, root (an ext4 that holds a system), fat, core (of Ubuntu Core: from version 20 on the FAT
 * that it is installed from, before that the ext4 that it writes to), swap or unknown. */
MUST_CHECK int survey(const char *path, struct error *reterr);
