/* A look at what a stored file is: its begin, and for a gzip the begin of what it holds. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/bootfile.h"
#include "base/error.h"
#include "core/machine/machine.h"
#include "format/kernel.h"

enum { LOOK_BEGIN = 8 };

struct image_look {
        enum kernel_kind kind; /* of a gzip that holds a kernel: the kernel's */
        enum arch arch;        /* ARCH_NONE where the format does not say */
        bool is_gzip;
        unsigned char begin[LOOK_BEGIN]; /* the file's first octets, for sentences */
        size_t begin_len;
};

/** image_look() - what the blob @id is; 0 or -errno of reading it. */
MUST_CHECK int image_look(const struct blob_source *blobs, const struct blob_id *id, struct image_look *ret);

/** image_look_refuse() - "PATH is no WANTED: it begins with 23 21 2f (text)"; returns -EBADMSG. */
int image_look_refuse(const struct image_look *look, const char *path, const char *wanted,
                      struct error *reterr);

/** image_read_text() - a whole blob of less than @max octets, NUL-terminated, the caller's. 0, -EFBIG or
 * another -errno. */
MUST_CHECK int image_read_text(const struct blob_source *blobs, const struct blob_id *id, size_t max,
                               uint8_t **ret);
