/*
 * The header of a qcow2 image, as far as telling whether it stands alone.
 *
 * Pure. Source: QEMU docs/interop/qcow2.txt.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { QCOW2_HEADER = 104 }; /* octets that tell all of this */

struct qcow2_info {
        uint64_t size;          /* octets of the disk */
        bool has_backing_file;  /* what is not in it is read from another file */
        bool has_external_data; /* the data is in another file */
        bool is_encrypted;
};

/** qcow2_header() - read the begin of an image; 0, or -EBADMSG when it is none or cut. */
MUST_CHECK int qcow2_header(const void *data, size_t len, struct qcow2_info *ret);
