/*
 * The database writer: a thread of its own that applies batches of changes, one after another.
 *
 * It owns the connection from its start on: nobody waits for a disk on the control thread.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/change.h"

struct db_writer;

/* Called on the writer's thread when a batch is on disk (0) or failed as a whole (-errno; nothing of it is
 * there). */
typedef void (*db_written_fn)(void *ctx, int result, const struct error *error);

/** db_writer_start() - takes over @db, which is closed with the writer. */
MUST_CHECK int db_writer_start(struct db *db, db_written_fn written, void *ctx, struct db_writer **ret,
                               struct error *reterr);

/** db_writer_submit() - apply @changes, borrowed until written() is called for them. One batch at a time: the
 * last one must have been answered. */
void db_writer_submit(struct db_writer *w, const struct db_change *changes, size_t n);

/** db_writer_stop() - finishes the batch under way, joins the thread, closes the database; NULL is a no-op.
 */
void db_writer_stop(struct db_writer *w);
DEFINE_CLEANUP(struct db_writer, db_writer_stop)
