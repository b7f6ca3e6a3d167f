/*
 * A second connection to the database, for whoever has to look something up: the writer's is the writer's
 * alone.
 *
 * Any thread, one at a time. What is read is what was committed last.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"

struct db_reader;

/** db_reader_open() - after the writer's database was opened, which brings the schema up to date. */
MUST_CHECK int db_reader_open(const char *url, struct db_reader **ret, struct error *reterr);
void db_reader_close(struct db_reader *r);
DEFINE_CLEANUP(struct db_reader, db_reader_close)

/** db_reader_use() - call @fn with the database, and return what it returns; it changes nothing there. */
int db_reader_use(struct db_reader *r, int (*fn)(void *ctx, struct db *db, struct error *reterr), void *ctx,
                  struct error *reterr);
