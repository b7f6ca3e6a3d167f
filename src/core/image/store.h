/*
 * The blob store: a directory of files named by their SHA-256, below the state directory.
 *
 * A blob is written to a temporary name, hashed on the way, synced and renamed: an import that ends early
 * leaves nothing. Layout: tmp/ for what is being written, and ab/cdef… for the blob whose hash begins with
 * ab.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bootfile.h"
#include "base/error.h"

enum {
        STORE_KEPT_FREE_PERCENT = 5,            /* of the disk that writers leave free … */
        STORE_KEPT_FREE_MAX = 64 * 1024 * 1024, /* … but not more octets than these */
        STORE_COLLECT_AGE_S = 3600, /* younger blobs may belong to an image that is not written down yet */
        STORE_INTERRUPTED_S = 24 * 3600 /* how far back the end of a daemon is looked for */
};

struct store;

/** store_open() - makes @dir, and removes the leftovers of imports that did not end. One process at a time.
 */
MUST_CHECK int store_open(const char *dir, struct store **ret, struct error *reterr);
void store_close(struct store *s); /* after its last writer */
DEFINE_CLEANUP(struct store, store_close)

/** store_open_blob() - any thread; NULL with -errno in @error. */
struct blob *store_open_blob(const struct store *s, const struct blob_id *id, int *error);

/** store_source() - the store as a source of blobs, for who reads boot files without a cache of open ones. */
struct blob_source store_source(struct store *s);

/* Writers. Several threads may write at once, each with a writer of its own. */
struct store_writer;

MUST_CHECK int store_write_begin(struct store *s, struct store_writer **ret, struct error *reterr);

/** store_write() - more octets. A disk that is full, or as good as full, is told in one sentence. */
MUST_CHECK int store_write(struct store_writer *w, const void *data, size_t len, struct error *reterr);

/**
 * store_write_seal() - no more octets: they have their name, but the store does not hold them yet
 *
 * A sealed writer keeps no descriptor open: an import holds thousands. It can be read, kept or aborted.
 */
MUST_CHECK int store_write_seal(struct store_writer *w, struct blob_id *ret, uint64_t *ret_size,
                                struct error *reterr);

/** store_writer_open() - read what was sealed; valid as long as the reference, also after the writer. NULL
 * with -errno. */
struct blob *store_writer_open(const struct store_writer *w, int *error);

/** store_writer_id() - the name and size of what was sealed. */
const struct blob_id *store_writer_id(const struct store_writer *w, uint64_t *ret_size);

/** store_writer_path() - where the octets are until they are kept; for a child that reads them. Lives as long
 * as @w. */
const char *store_writer_path(const struct store_writer *w);

/**
 * store_write_keep() - the store holds it from now on. Frees @w in every case.
 *
 * store_sync() must stand before the first and after the last of a group: before, so that no name stands for
 * octets that a crash takes away; after, so that the names stay. One look at the disk for a thousand files,
 * not a thousand.
 */
MUST_CHECK int store_write_keep(struct store_writer *w, struct error *reterr);
MUST_CHECK int store_sync(struct store *s, struct error *reterr);

/** store_write_end() - seal, sync, keep and sync. Frees @w in every case. */
MUST_CHECK int store_write_end(struct store_writer *w, struct blob_id *ret, uint64_t *ret_size,
                               struct error *reterr);
void store_write_abort(struct store_writer *w); /* NULL is a no-op; nothing stays */
DEFINE_CLEANUP(struct store_writer, store_write_abort)

/* What a blob turned out to be. */
enum store_blob { STORE_BLOB_SOUND, STORE_BLOB_MISSING, STORE_BLOB_DAMAGED };

/** store_verify() - read a blob whole, and see whether it still has its name and @size; enum store_blob, or
 * -errno of reading. */
MUST_CHECK int store_verify(const struct store *s, const struct blob_id *id, uint64_t size);

/** store_check_room() - whether @more octets can be written and the store still leaves free what it must. */
MUST_CHECK int store_check_room(const struct store *s, uint64_t more, struct error *reterr);

/** store_make_dir() - an empty directory for a child to unpack into; its path, which the caller frees. NULL:
 * no, and why. */
char *store_make_dir(struct store *s, struct error *reterr);

/**
 * store_collect() - remove every blob that @is_used denies and that is older than STORE_COLLECT_AGE_S
 * @now_s:      Unix time
 *
 * Return: how many were removed, or -errno.
 */
MUST_CHECK int store_collect(struct store *s, bool (*is_used)(void *ctx, const struct blob_id *id), void *ctx,
                             int64_t now_s);

/**
 * store_collect_interrupted() - the same for what an import left that ended with its daemon: blobs without an
 * image that came within the last STORE_INTERRUPTED_S. When the daemon starts, before any import.
 *
 * Older ones are left for store_collect(): a database that was put back from a backup should find its blobs.
 */
MUST_CHECK int store_collect_interrupted(struct store *s,
                                         bool (*is_used)(void *ctx, const struct blob_id *id), void *ctx,
                                         int64_t now_s);
