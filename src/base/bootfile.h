/*
 * Boot files: what a plan serves, readable at any offset by TFTP and HTTP alike.
 *
 * A boot file is a list of segments, octets in memory or a part of a blob, of known total length. Nothing
 * large is ever put together: a UKI is stub, slot, kernel and initrd one after another, each where it already
 * lies.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/ref.h"

enum { SHA256_SIZE = 32 };

/* The name of content: its SHA-256. All zero means "no blob". */
struct blob_id {
        uint8_t octets[SHA256_SIZE];
};

/* Content-addressed, unchanging octets. io/blob.c makes one from an open file; tests make one from memory. */
struct blob {
        struct ref ref;
        struct blob_id id;
        uint64_t size; /* octets */
        int fd;        /* for sendfile; -1 when the octets are not a file */

        /* Reads @len octets at @offset, all of them, or -errno. Any thread may call it. */
        int (*read)(struct blob *b, uint64_t offset, void *buf, size_t len);
        void (*free)(struct blob *b);
};

static inline struct blob *blob_take(struct blob *b) {
        ref_take(&b->ref);
        return b;
}

void blob_drop(struct blob *b); /* NULL is a no-op */
DEFINE_CLEANUP(struct blob, blob_drop)

struct boot_file;

enum { BOOT_FILE_NAME_SIZE = 40 };

/* Where blobs come from: the rack's cache of open files, or a table in a test. */
struct blob_source {
        /* A reference, or NULL with -errno in @error. */
        struct blob *(*open)(void *ctx, const struct blob_id *id, int *error);

        /* The signature of @file with the key of that name ("": the usual one), as firmware reads it: 0 with
         * a reference, -ENOKEY there is no such key, -EAGAIN it is being made: come again, or -errno. NULL:
         * nothing is signed here. */
        int (*sign)(void *ctx, const char *key, struct boot_file *file, struct boot_file **ret);

        /* A file that was costly to put together, by a name that tells all its octets: a reference, or NULL.
         * And where to leave one. NULL: none is kept here. */
        struct boot_file *(*recall)(void *ctx, const char *name);
        void (*keep)(void *ctx, const char *name, struct boot_file *file);
        void *ctx;
};

struct boot_segment {
        struct blob *blob;     /* NULL: the octets are in memory */
        const uint8_t *octets; /* owned by the boot file */
        uint64_t offset;       /* of the blob */
        uint64_t len;
};

/* Reference counted and unchanging once it is made: several transfers may read one. */
struct boot_file {
        struct ref ref;
        uint64_t size;                  /* octets in all */
        char etag[BOOT_FILE_NAME_SIZE]; /* quoted, made of the segments' identities: same octets, same tag */
        size_t n_segments;
        struct boot_segment segments[];
};

enum { BOOT_FILE_SEGMENTS_MAX = 512 }; /* a volume with all that a board boots */

/**
 * boot_file_new() - join segments to a file
 * @segments:   their octets are copied, their blobs get a reference of the file's own
 * @n:          how many, at most BOOT_FILE_SEGMENTS_MAX
 *
 * Return: a file with one reference, or NULL when out of memory or a length overflows.
 */
struct boot_file *boot_file_new(const struct boot_segment *segments, size_t n);

/** boot_file_of_octets() - a file of one segment in memory. */
struct boot_file *boot_file_of_octets(const void *octets, size_t len);

static inline struct boot_file *boot_file_take(struct boot_file *f) {
        ref_take(&f->ref);
        return f;
}

void boot_file_drop(struct boot_file *f); /* NULL is a no-op */
DEFINE_CLEANUP(struct boot_file, boot_file_drop)

/**
 * boot_file_read() - octets from anywhere in the file
 *
 * Return: how many were read (fewer than @len only at the end, 0 behind it), or -errno of a blob.
 */
int64_t boot_file_read(const struct boot_file *f, uint64_t offset, void *buf, size_t len);
