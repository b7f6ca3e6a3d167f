/*
 * A volume: what a diskless machine has instead of a disk, and how it is called on the network.
 *
 * A machine has one root and one for data at most; a second root while a new revision of its system is on
 * trial. NFS: a tree. NBD: a copy-on-write disk with an ext4. Pure.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum volume_kind { VOLUME_NFS, VOLUME_NBD, VOLUME_KINDS };
enum volume_part { VOLUME_ROOT, VOLUME_DATA, VOLUME_ROOT2, VOLUME_PARTS };

enum {
        VOLUME_NAME_SIZE = 32,     /* of every name below, with its NUL */
        VOLUME_BASE_SIZE = 64 + 16 /* likewise */
};

#define VOLUME_MIB ((uint64_t)1 << 20)
#define VOLUME_SIZE_LEAST (64 * VOLUME_MIB) /* of a disk: an ext4 with a journal, and something in it */
#define VOLUME_SIZE_MOST (1024 * 1024 * VOLUME_MIB) /* 1 TiB */
#define VOLUME_SIZE_USUAL (8192 * VOLUME_MIB)

struct volume {
        enum volume_kind kind;
        enum volume_part part;
        uint64_t machine; /* its number in the database: never 0, never used again */
};

const char *volume_kind_name(enum volume_kind kind); /* "nfs" */
const char *volume_part_name(enum volume_part part); /* "root" */

/** volume_part_parse() - 0, or -EINVAL. */
MUST_CHECK int volume_part_parse(const char *name, enum volume_part *ret);

/** volume_is_sound() - whether octets from elsewhere can be one. */
bool volume_is_sound(const struct volume *v);

bool volume_equal(const struct volume *a, const struct volume *b);

/* The names write into the caller's buffer and return it. */

/** volume_folder() - of the machine, below its kind's: "m-7". */
const char *volume_folder(uint64_t machine, char buf[static VOLUME_NAME_SIZE]);

/** volume_file() - below that folder: a tree "root", a disk "root.qcow2". */
const char *volume_file(const struct volume *v, char buf[static VOLUME_NAME_SIZE]);

/** volume_export() - as clients ask for it: NFS "/m-7/root", NBD "m-7", "m-7-data" and "m-7-root2". */
const char *volume_export(const struct volume *v, char buf[static VOLUME_NAME_SIZE]);

/** volume_base() - the file that disks of @size octets with the content @sha256 stand on. */
const char *volume_base(const uint8_t sha256[static 32], uint64_t size, char buf[static VOLUME_BASE_SIZE]);

/** volume_folder_parse() - the machine that has the folder @name; 0, or -EINVAL for any other name. */
MUST_CHECK int volume_folder_parse(const char *name, uint64_t *ret_machine);
