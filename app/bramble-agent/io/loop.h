/* Loop devices: a file, or a part of one, as a disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { LOOP_PATH_SIZE = 32 };

/**
 * loop_attach() - a free loop device for a part of a file
 * @len:        octets; 0: up to its end
 * @device:     its path
 * @ret:        a descriptor that keeps the device until it is mounted; then the kernel keeps it, and it frees
 * itself with its last user
 *
 * Return: 0 or -errno.
 */
MUST_CHECK int loop_attach(const char *file, uint64_t offset, uint64_t len, bool may_write,
                           char device[static LOOP_PATH_SIZE], int *ret);
