/*
 * Open blobs of one thread: a worker that serves the same kernel to a thousand boards opens its file once.
 *
 * Not shared between threads; the blobs themselves are. Bounded: the one not used longest is closed.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/bootfile.h"
#include "core/image/store.h"

struct blobs;

/** blobs_new() - remember up to @max open blobs of @store, which lives longer. NULL: out of memory. */
struct blobs *blobs_new(const struct store *store, size_t max);
void blobs_free(struct blobs *b);
DEFINE_CLEANUP(struct blobs, blobs_free)

struct signatures;

/** blobs_sign_with() - where signatures come from that are asked of its source; borrowed. */
void blobs_sign_with(struct blobs *b, struct signatures *signatures);

struct ramdisks;

/** blobs_keep_in() - where its source keeps files that are put together; borrowed. */
void blobs_keep_in(struct blobs *b, struct ramdisks *ramdisks);

/** blobs_source() - the table that core/boot opens blobs with; valid as long as @b. */
struct blob_source blobs_source(struct blobs *b);
