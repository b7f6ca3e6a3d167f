/* A stream into a sparse file, within limits: what is zero is a hole. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/unpack/stream.h"

enum {
        POUR_UNCOUNTED = 16 * 1024 * 1024, /* octets that may be written whatever the file is … */
        POUR_RATIO_MAX = 1000              /* … and beyond them so many for each octet of the file */
};

struct progress;

/**
 * pour() - write all of a stream to a new file
 * @file:       the outermost stream below, whose octets the ratio is measured by
 * @max:        octets that the result may have
 * @written:    octets that are no holes
 *
 * Disk images are mostly empty, and zeros pack to nothing: they count for the size only. What is not zero and
 * still grows a thousandfold is made to fill disks.
 */
MUST_CHECK int pour(struct stream *from, const struct stream *file, const char *path, uint64_t max,
                    struct progress *progress, uint64_t *ret_size, struct error *reterr);
