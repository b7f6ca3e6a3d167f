/*
 * The formats that images come in: each a row that knows its own by content, and opens what lies inside.
 *
 * They stack: a stream is looked at, opened, and what it holds is looked at again, until something is found
 * that is an image itself.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/unpack/stream.h"

enum {
        FORMAT_DEPTH_MAX = 4,  /* zip around xz around … : nobody packs more often */
        FORMAT_STACK_SIZE = 64 /* "tar in xz", with a NUL */
};

enum format_kind {
        FORMAT_PACKED,  /* holds another stream */
        FORMAT_TREE,    /* a tar archive of files: a root file system */
        FORMAT_DISK,    /* octets of a disk, with a partition table or a FAT volume */
        FORMAT_EXT4,    /* a file system without a disk around it */
        FORMAT_QCOW2,   /* QEMU's disks */
        FORMAT_SQUASHFS /* a root file system, ready to be mounted */
};

/* What a row's open() may answer besides 0 and -errno. */
enum { FORMAT_IS_TREE = 1 };

struct format {
        const char *name;
        enum format_kind kind;
        bool (*probe)(const uint8_t *begin, size_t len); /* up to STREAM_HEAD octets */
        /* FORMAT_PACKED: the stream inside. Takes @below over when it answers 0. */
        int (*open)(struct stream *below, struct stream **ret, struct error *reterr);
};

extern const struct format formats[]; /* ends with a row without name */

/* What a file turned out to be. */
struct format_found {
        enum format_kind kind;
        struct stream *stream;         /* of the innermost; the caller's */
        struct stream *file;           /* of the outermost, owned by the former */
        unsigned depth;                /* how many layers were opened; 0: the file is it */
        char stack[FORMAT_STACK_SIZE]; /* for people: "disk image in xz" */
};

/** format_open() - open a file through all of its layers; 0, or -errno with a sentence. For a FORMAT_TREE the
 * stream is the archive itself, from its begin. */
MUST_CHECK int format_open(const char *path, struct format_found *ret, struct error *reterr);

const char *format_kind_name(enum format_kind kind); /* "disk", for the parent */
