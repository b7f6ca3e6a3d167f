/*
 * The layout of a FAT volume that holds given files: a Raspberry Pi's boot.img.
 *
 * Pure: from names and sizes alone follows where everything lies. What comes out is the head, which is made
 * in memory (boot sector, tables, all directories), and behind it each file in its order, filled up to whole
 * clusters; the octets of files are never looked at. Always FAT16, which all boot ROMs and EEPROMs read: the
 * clusters grow with the volume. No times, no random serial number: the same files give the same octets.
 * Source: Microsoft FAT specification 1.03.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
        FAT_IMAGE_FILES_MAX = 4000, /* in one directory their short names are numbered with three digits */
        FAT_IMAGE_FOLDERS_MAX = 64,
        FAT_IMAGE_PATH_MAX = 255,
        FAT_IMAGE_LABEL_MAX = 11
};

struct fat_image_file {
        const char *path; /* relative, '/' between parts */
        uint64_t size;    /* octets */
};

struct fat_image_folder {
        const char *path; /* not terminated: part of a file's path; the root's is empty */
        size_t len;
        size_t parent; /* which of the folders; the root: itself */
        uint32_t entries;
        uint32_t cluster; /* the first of its own; the root: 0 */
        unsigned n_short; /* short names given so far */
};

/* Borrows the paths of the files. */
struct fat_image {
        uint32_t cluster_size; /* octets */
        uint32_t n_clusters;
        uint32_t table_sectors, root_entries;
        uint32_t head_clusters; /* that folders take */
        size_t head_size;       /* octets of the head */
        uint64_t tail;          /* zeros behind the last file */
        uint64_t size;          /* octets of the whole volume */
        size_t n_folders;
        struct fat_image_folder folders[FAT_IMAGE_FOLDERS_MAX];
};

/**
 * fat_image_measure() - where everything goes
 * @files:      sorted by path, octet order: what is in one folder stands together
 * @ret:        on success, and on failure
 * @ret_bad:    (may be NULL) the path that is in the way of an -EINVAL or -EEXIST
 *
 * Return: 0; -EINVAL for a path that FAT cannot have; -EEXIST when two are the same to FAT, which does not
 * look at small and capital letters; -E2BIG for too many files or folders, or more octets than FAT16 can
 * hold.
 */
MUST_CHECK int fat_image_measure(const struct fat_image_file *files, size_t n, struct fat_image *ret,
                                 const char **ret_bad);

/** fat_image_write_head() - the first head_size octets, into @buf. @label: at most FAT_IMAGE_LABEL_MAX. */
void fat_image_write_head(struct fat_image *f, const struct fat_image_file *files, size_t n,
                          const char *label, uint8_t *buf);

/** fat_image_padding() - zeros that follow on a file of @size octets. */
static inline uint32_t fat_image_padding(const struct fat_image *f, uint64_t size) {
        uint32_t over = (uint32_t)(size % f->cluster_size);
        return over ? f->cluster_size - over : 0;
}
