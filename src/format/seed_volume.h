/*
 * A small FAT volume that holds a few text files: how cloud-init finds its data where nothing else can be
 * written (label CIDATA, data source NoCloud).
 *
 * Pure. FAT12 with all files in the root directory, under their long names; made at once, never changed.
 * Source: Microsoft FAT specification 1.03.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
        SEED_VOLUME_SIZE = 4 << 20, /* octets */
        SEED_VOLUME_FILES_MAX = 16,
        SEED_VOLUME_NAME_MAX = 39 /* octets: three entries of a directory */
};

struct seed_file {
        const char *name; /* ASCII */
        const void *data;
        size_t len;
};

/**
 * seed_volume_make() - the whole volume
 * @label:      eleven octets at most, in capitals
 * @serial:     of the volume; any number
 * @buf:        SEED_VOLUME_SIZE octets
 *
 * Return: 0, or -E2BIG when the files do not fit.
 */
MUST_CHECK int seed_volume_make(const struct seed_file *files, size_t n, const char *label, uint32_t serial,
                                uint8_t buf[static SEED_VOLUME_SIZE]);
