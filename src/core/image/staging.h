/* What an import has taken in so far, for those who add to it: the inside of import.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/image/import.h"

/* A file that arrived: its content is staged, and enters the store with the whole import. */
struct staged {
        char *path;
        enum image_role role;
        struct store_writer *writer; /* NULL once it is kept */
        struct blob_id id;
        uint64_t size;
};

struct import {
        struct store *store;
        struct board_set *builtin;      /* when the caller named none */
        const struct board_set *boards; /* borrowed, or the above */
        char name[IMAGE_NAME_MAX + 1];
        bool has_kind;
        enum image_kind kind; /* asked for, or found */
        enum arch arch;
        char *cmdline;
        char *unpack; /* path of bramble-unpack */
        bool has_no_root;
        bool has_sha256;
        struct blob_id sha256;

        struct staged *files;
        size_t n_files, room;
        uint64_t size; /* octets that arrived, a source apart */

        struct store_writer *source; /* what arrived whole: a disk image, a tarball, … */
        uint64_t source_size;
        struct store_writer *open; /* the file that is arriving */
        char *open_path;
        enum image_role open_role;
        uint64_t open_size;
        bool is_open_source;
};

/** import_add_file() - all that a descriptor reads, as a file of the image. */
MUST_CHECK int import_add_file(struct import *i, int fd, const char *path, enum image_role role,
                               struct error *reterr);

/** import_add_sealed() - a file that is in the store's hands already; takes @sealed over in every case. */
MUST_CHECK int import_add_sealed(struct import *i, const char *path, enum image_role role,
                                 struct store_writer *sealed, struct error *reterr);

/** import_find_staged() - the first of a role; NULL when there is none. */
const struct staged *import_find_staged(const struct import *i, enum image_role role);
