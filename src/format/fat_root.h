/*
 * The names in the root directory of a FAT volume, without mounting it.
 *
 * Pure: octets come through a callback. Short names only, as 8.3 with a dot; whether letters are small or
 * capital FAT does not tell. Source: Microsoft FAT specification 1.03, sections 6 and 7.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct fat_volume;

enum { FAT_SHORT_NAME_SIZE = 13 };

/**
 * fat_root_each() - every file and folder in the root
 * @read:       exactly @len octets at @offset of the volume; 0 or -errno
 * @fn:         until non-zero
 *
 * Return: 0, what @fn returned, -EBADMSG when the directory leads out of the volume, or -errno of @read.
 */
MUST_CHECK int fat_root_each(const struct fat_volume *v,
                             int (*read)(void *ctx, uint64_t offset, void *buf, size_t len),
                             int (*fn)(void *ctx, const char *name), void *ctx);
