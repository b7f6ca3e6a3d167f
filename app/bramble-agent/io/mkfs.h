/* An ext4 on all of a disk, by libext2fs. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { MKFS_UUID_SIZE = 16, MKFS_LABEL_MAX = 16 };

struct mkfs_wish {
        const char *path;    /* the device, or a file that plays one */
        const char *name;    /* for sentences */
        uint64_t size;       /* octets */
        const uint8_t *uuid; /* MKFS_UUID_SIZE octets */
        const char *label;
        int64_t now_s;
};

/** mkfs_ext4() - what was there is there no more; its first 1024 octets are left as they are. Kernels
 * since 3.18 read it. 0, or negative with a sentence. */
MUST_CHECK int mkfs_ext4(const struct mkfs_wish *wish, struct error *reterr);
