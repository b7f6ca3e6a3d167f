/*
 * The blob store: a directory of files named by their SHA-256, below the state directory.
 *
 * A blob is written to a temporary name, hashed on the way, synced and renamed: an import that ends early
 * leaves nothing.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"
#include "base/error.h"

struct store;

MUST_CHECK int store_open(const char *dir, struct store **ret,
                          struct error *reterr); /* makes it; removes leftovers of ended imports */
void store_close(struct store *s);
DEFINE_CLEANUP(struct store, store_close)

/** store_open_blob() - any thread; NULL with -errno in @error. */
struct blob *store_open_blob(const struct store *s, const struct blob_id *id, int *error);

struct store_writer;

MUST_CHECK int store_write_begin(struct store *s, struct store_writer **ret, struct error *reterr);
MUST_CHECK int store_write(struct store_writer *w, const void *data, size_t len, struct error *reterr);
MUST_CHECK int store_write_end(struct store_writer *w, struct blob_id *ret, uint64_t *ret_size,
                               struct error *reterr); /* frees @w */
void store_write_abort(struct store_writer *w);

/** store_collect() - remove every blob that @is_used denies and that is older than an hour. Returns how many,
 * or -errno. */
int store_collect(struct store *s, bool (*is_used)(void *ctx, const struct blob_id *id), void *ctx,
                  int64_t now_s);
