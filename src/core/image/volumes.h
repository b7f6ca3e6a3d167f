/*
 * What a survey of a disk told: its partitions, and the runs of octets that are worth keeping.
 *
 * Pure. Both were written by a child that reads strangers' data, and are read as such.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { VOLUMES_MAX = 256, VOLUMES_TEXT_MAX = 64 * 1024, VOLUME_RUN_SIZE = 16 };

enum volume_kind { VOLUME_UNKNOWN, VOLUME_EXT4, VOLUME_ROOT, VOLUME_FAT, VOLUME_CORE, VOLUME_SWAP };

struct volumes {
        uint64_t disk_size;
        uint32_t sector_size;
        size_t n;
        struct volume {
                enum volume_kind
                        kind;    /* VOLUME_ROOT: an ext4 in which a system lies; VOLUME_CORE: Ubuntu Core */
                unsigned number; /* of the partition; 0: the disk is the volume */
                uint64_t offset, len;
        } items[VOLUMES_MAX];
};

/** volumes_parse() - the lines of core/unpack/survey.h; 0 or -EBADMSG. @text is cut into its words. */
MUST_CHECK int volumes_parse(char *text, struct volumes *ret);

/** volumes_find() - the largest of a kind; NULL when there is none. */
const struct volume *volumes_find(const struct volumes *v, enum volume_kind kind);

/* A run of octets. */
struct volume_run {
        uint64_t offset, len;
};

/** volume_run_parse() - the next run, which lies behind @end and inside the disk, on whole sectors; 0 or
 * -EBADMSG. */
MUST_CHECK int volume_run_parse(const uint8_t octets[static VOLUME_RUN_SIZE], const struct volumes *v,
                                uint64_t end, struct volume_run *ret);
