/*
 * Import: from files that an operator has to an image that the site can serve.
 *
 * The CLI streams files over the API (the daemon opens no path that it was told); they arrive here one by one
 * under relative names, are staged in the store, and are understood at the end. What is an image in itself, a
 * disk or a root file system, packed or not, arrives as one file named by IMPORT_SOURCE and is unpacked by
 * children without network (core/image/whole.h). Imports may run on several threads at once.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "core/image/progress.h"
#include "core/image/store.h"
#include "core/machine/board.h"
#include "core/site/image.h"

#define IMPORT_SOURCE ".img" /* the name under which a whole image arrives */

/* Limits of one import; each refuses with a sentence that names it. Files: IMAGE_FILES_MAX, paths:
 * IMAGE_PATH_MAX. */
#define IMPORT_FILE_MAX ((uint64_t)8 << 30)  /* octets of one file, a whole image apart */
#define IMPORT_DISK_MAX ((uint64_t)64 << 30) /* octets of a whole image, packed or not */
#define IMPORT_MAX ((uint64_t)16 << 30)      /* octets of all files */

struct import;

/* What an operator said; all borrowed for the call, but for @boards. */
struct import_options {
        const char *name;
        bool is_kind_found; /* by content: @kind says nothing. For who sends IMPORT_SOURCE */
        enum image_kind kind;
        enum arch arch;      /* ARCH_NONE: from config.txt and kernels; else the kernel must be for it */
        const char *cmdline; /* IMAGE_PARTS; NULL: none */
        const char *unpack;  /* path of bramble-unpack; NULL: no IMPORT_SOURCE can be read */
        bool has_no_root;    /* the root of a disk is left out: it will only be written to disks */
        const struct blob_id *sha256; /* that IMPORT_SOURCE must have; NULL: any */
        const struct board_set
                *boards; /* whose files are looked for; outlives the import; NULL: the built-in ones */
};

MUST_CHECK int import_begin(struct store *store, const struct import_options *options, struct import **ret,
                            struct error *reterr);

/**
 * import_file_begin() - the next file
 * @path:       relative, with '/' between its parts
 * @role:       IMAGE_FILE_OTHER lets its name and content tell
 *
 * Absolute paths, "..", empty parts, control characters and backslashes are refused, and so are too many
 * files. After any refusal the import can only be aborted.
 */
MUST_CHECK int import_file_begin(struct import *i, const char *path, enum image_role role,
                                 struct error *reterr);
/** import_check_room() - whether the store has room for @size more octets, before they come. */
MUST_CHECK int import_check_room(const struct import *i, uint64_t size, struct error *reterr);
MUST_CHECK int import_file_data(struct import *i, const void *data, size_t len, struct error *reterr);
MUST_CHECK int import_file_end(struct import *i, struct error *reterr);

/**
 * import_end() - understand what arrived, and make the image
 * @progress:   told on the way, and asked whether to go on; NULL: neither
 *
 * A kernel that is none, of another architecture, a Pi directory without config.txt or without any kernel, …
 * give one sentence and leave nothing behind. On success the blobs are durable. Frees @i in every case.
 */
MUST_CHECK int import_end(struct import *i, struct import_progress *progress, struct image **ret,
                          struct error *reterr);
void import_abort(struct import *i); /* NULL is a no-op */

/** import_path_check() - whether a path can be an image's file; 0 or -EINVAL with a sentence. */
MUST_CHECK int import_path_check(const char *path, struct error *reterr);
