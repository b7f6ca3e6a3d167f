/*
 * Which disk of the machine has its volume of data, or is to have it. Pure: what stands on the disks in, the
 * decision out.
 *
 * The volume is an ext4 on all of a disk, with a UUID that the server chose for this machine. A disk on which
 * anything else is found is somebody's, unless the operator said otherwise.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/bramble-agent/disk.h"
#include "base/cleanup.h"
#include "base/error.h"

enum {
        DATA_UUID_SIZE = 16,
        DATA_PROBE_BEGIN = 1 << 20, /* octets where loaders, partition tables and file systems begin */
        DATA_PROBE_END = 1 << 16,   /* where a second partition table is, and some labels of RAIDs */
        DATA_MARK_SIZE = 512,
        DATA_DISK_LEAST = 64 << 20,
        DATA_WAIT_MS = 500, /* disks at USB take some seconds to appear: */
        DATA_WAITS = 20
};

#define DATA_LABEL "bramble-data"

enum data_state {
        DATA_IS_OURS,
        DATA_IS_EMPTY, /* or was begun for us, and not ended */
        DATA_IS_TAKEN
};

/**
 * data_probe() - what is on a disk
 * @begin:      its first octets, at most DATA_PROBE_BEGIN
 * @end:        its last ones, likewise
 * @ret_holds:  for DATA_IS_TAKEN, for a sentence: "a partition table"
 */
enum data_state data_probe(const void *begin, size_t begin_len, const void *end, size_t end_len,
                           const uint8_t uuid[static DATA_UUID_SIZE], const char **ret_holds);

/** data_is_labelled() - whether a disk that begins so has a volume of data, whosever it is. */
bool data_is_labelled(const void *begin, size_t len);

/** data_mark_write() - what a disk begins with while its file system is made, and ever after: ext4 leaves
 * these octets alone. By it one that was left half made is known. */
void data_mark_write(const uint8_t uuid[static DATA_UUID_SIZE], uint8_t mark[static DATA_MARK_SIZE]);

struct data_candidate {
        const struct disk *disk;
        const char *firmware_reason; /* NULL: the machine does not boot from it */
        enum data_state state;
        const char *holds;
        bool is_unread; /* it is large enough, and nobody knows what is on it */
};

struct data_wish {
        const char *hint;   /* "" none */
        bool may_make;      /* it was not there yet */
        bool may_overwrite; /* likewise, and the operator said so */
};

enum data_answer { DATA_MOUNT, DATA_MAKE };

/**
 * data_choose() - the one that has it; else, where that is allowed, one that gets it: by the hint, or an
 * empty one, the fastest kind of bus first; what is taken only where that was said
 *
 * Return: enum data_answer, or negative with a sentence that names what to do.
 */
MUST_CHECK int data_choose(const struct data_candidate *disks, size_t n, const struct data_wish *wish,
                           size_t *ret_index, struct error *reterr);
