/*
 * Import: from files that an operator has to an image that the site can serve.
 *
 * The CLI streams files over the API (the daemon opens no path that it was told); they arrive here one by one
 * under relative names, go to the store, and are understood at the end. A whole .img arrives as one file
 * named by IMPORT_DISK_IMAGE and is unpacked by mtools in a child without network.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "core/image/store.h"
#include "core/site/image.h"

#define IMPORT_DISK_IMAGE ".img" /* the name under which a disk or FAT image arrives */

struct import;

/* What an operator said about the parts; all borrowed for the call. */
struct import_options {
        const char *name;
        enum image_kind kind;
        enum arch arch;      /* IMAGE_PARTS; ARCH_NONE: from config.txt and kernels */
        const char *cmdline; /* IMAGE_PARTS */
};

MUST_CHECK int import_begin(struct store *store, const struct import_options *options, struct import **ret,
                            struct error *reterr);

/** import_file_begin() - the next file; @role IMAGE_FILE_OTHER lets its name and content tell. Names with
 * "..", absolute or too many are refused. */
MUST_CHECK int import_file_begin(struct import *i, const char *path, enum image_role role,
                                 struct error *reterr);
MUST_CHECK int import_file_data(struct import *i, const void *data, size_t len, struct error *reterr);
MUST_CHECK int import_file_end(struct import *i, struct error *reterr);

/**
 * import_end() - understand what arrived, and make the image
 *
 * A kernel that is none, of another architecture, a Pi directory without config.txt or without any kernel, …
 * give one sentence and leave nothing behind. Frees @i in every case.
 */
MUST_CHECK int import_end(struct import *i, struct image **ret, struct error *reterr);
void import_abort(struct import *i);
