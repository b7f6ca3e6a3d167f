/*
 * boot.img files that were put together, for all threads: the board that asks for the size first, for the
 * signature and then for the octets, and the next board of its kind, are given the same one.
 *
 * Bounded: few are kept, and whenever one is asked for, what nobody reads and nobody asked for lately goes.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/bootfile.h"

enum {
        RAMDISKS_KEPT = 8,             /* some 1 MiB of memory each, and its open blobs */
        RAMDISKS_UNUSED_MS = 60 * 1000 /* from a size to the octets, and from one board to the next */
};

struct ramdisks;

struct ramdisks *ramdisks_new(void); /* NULL: out of memory */
void ramdisks_free(struct ramdisks *d);
DEFINE_CLEANUP(struct ramdisks, ramdisks_free)

/** ramdisks_find() - the one of that name, with a reference; NULL: it is not there. @now_ms: monotonic. */
struct boot_file *ramdisks_find(struct ramdisks *d, const char *name, uint64_t now_ms);

/** ramdisks_keep() - remember @file, in the place of the one that was not asked for longest. */
void ramdisks_keep(struct ramdisks *d, const char *name, struct boot_file *file, uint64_t now_ms);
