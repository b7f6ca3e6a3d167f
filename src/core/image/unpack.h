/*
 * The programs that read what strangers wrote, each started confined for one step (io/child.h):
 * bramble-unpack (core/unpack), and QEMU's and squashfs' own tools for their formats.
 *
 * A step writes into a directory of its own below the store. What it leaves there is a stranger's, too.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "core/image/progress.h"
#include "core/image/store.h"

struct unpack {
        const char *program; /* path of bramble-unpack */
        struct store *store;
        struct import_progress *progress;
        char *dir; /* where steps work; removed with all below by unpack_end() */
};

MUST_CHECK int unpack_begin(struct unpack *u, struct error *reterr);
void unpack_end(struct unpack *u);

/** unpack_path() - a path below the directory, the caller's; NULL when out of memory. */
char *unpack_path(const struct unpack *u, const char *name);

/** unpack_read() - a whole file of less than @max octets from the directory, NUL-terminated, the caller's.
 * NULL with -errno in @ret_len when it is not there or larger. */
uint8_t *unpack_read(const struct unpack *u, const char *name, size_t max, int64_t *ret_len);

/** unpack_tool() - one of the other programs; @file_max: octets of one file that it writes; @package: that
 * brings it. Its last line is the sentence when it fails. */
MUST_CHECK int unpack_tool(struct unpack *u, const char *const *argv, const char *source, uint64_t file_max,
                           const char *package, struct error *reterr);

/* What a source turned out to be. */
enum source_kind { SOURCE_DISK, SOURCE_EXT4, SOURCE_QCOW2, SOURCE_SQUASHFS, SOURCE_TREE };

struct source_found {
        enum source_kind kind;
        bool is_packed; /* it was, and lies in the directory as "content" now; but for SOURCE_TREE */
        char stack[80]; /* for people: "disk image in xz" */
};

MUST_CHECK int unpack_open(struct unpack *u, const char *source, uint64_t size, uint64_t max,
                           struct source_found *ret, struct error *reterr);

/** unpack_qcow2() - a QEMU disk as the raw file "raw"; one that stands on another file is refused. */
MUST_CHECK int unpack_qcow2(struct unpack *u, const char *source, uint64_t max, struct error *reterr);

/** unpack_survey() - files "volumes" and "runs" about a raw disk. */
MUST_CHECK int unpack_survey(struct unpack *u, const char *disk, struct error *reterr);

/* A root file system: a tree of core/unpack, and where it lies. */
struct root_place {
        const char *tree; /* "tar", "ext4", "squashfs"; NULL: there is none */
        const char *path;
        uint64_t offset; /* of an ext4 on its disk */
        uint64_t size;   /* octets, for progress */
};

/** unpack_pick() - the files of a root that match, below the directory "files"; see core/unpack/pick.h. */
MUST_CHECK int unpack_pick(struct unpack *u, const struct root_place *root, const char *const *patterns,
                           struct error *reterr);

/** unpack_squash() - the file "root.squashfs". */
MUST_CHECK int unpack_squash(struct unpack *u, const struct root_place *root, const char *compression,
                             uint64_t max, struct error *reterr);

/** unpack_kernel() - a kernel's release, "" when it does not tell, and its configuration, the caller's, NULL
 * when it has none inside. */
MUST_CHECK int unpack_kernel(struct unpack *u, const char *kernel, char *ret_release, size_t release_size,
                             char **ret_config, struct error *reterr);
