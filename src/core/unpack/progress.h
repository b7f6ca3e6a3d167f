/*
 * How far a child is, told to its parent by a small file that both know: PROGRESS_FILE in its directory, two
 * big-endian numbers of 64 bits, octets done and octets in all.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

#define PROGRESS_FILE "progress"

enum { PROGRESS_SIZE = 16 };

struct progress {
        int fd; /* -1: nobody can be told */
        uint64_t total, told;
};

struct progress progress_begin(uint64_t total);

/** progress_tell() - @done of the total; written no more often than it can be seen. */
void progress_tell(struct progress *p, uint64_t done);
