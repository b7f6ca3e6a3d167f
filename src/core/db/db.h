/*
 * One open database of any driver, and statements on it: what the queries by noun are written with.
 *
 * One thread at a time: the start reads with it, from then on the writer thread has it alone.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "core/db/driver.h"

struct db {
        const struct db_driver *driver;
        void *connection;
};

/** db_open() - open the database at @url ("sqlite:PATH") and bring its schema up to date. 0, or -errno with a
 * sentence. */
MUST_CHECK int db_open(const char *url, struct db **ret, struct error *reterr);

/** db_open_as_is() - the same, with whatever schema it has. */
MUST_CHECK int db_open_as_is(const char *url, struct db **ret, struct error *reterr);
void db_close(struct db *db);
DEFINE_CLEANUP(struct db, db_close)

/** db_last_id() - the highest id that @table ever gave, also to what is gone; 0: none. */
MUST_CHECK int db_last_id(struct db *db, const char *table, uint64_t *ret, struct error *reterr);

/** db_run() - SQL without parameters or rows. */
int db_run(struct db *db, const char *sql, struct error *reterr);

/*
 * A statement. A parameter that cannot be bound sets `failure` and the next step reports it: bind straight
 * through, check once.
 */
struct db_query {
        const struct db_driver *driver;
        void *statement; /* NULL: could not be prepared */
        int failure;
};

/** db_prepare() - @ret is set in every case, so that its cleanup may stand before. */
MUST_CHECK int db_prepare(struct db *db, const char *sql, struct db_query *ret, struct error *reterr);
void db_query_end(struct db_query *q); /* also the CLEANUP() function; zero-initialised is a no-op */
void db_reset(struct db_query *q);     /* to run it again */

void db_bind_i64(struct db_query *q, int parameter, int64_t value);
void db_bind_id(struct db_query *q, int parameter, uint64_t id);
void db_bind_null(struct db_query *q, int parameter);
void db_bind_text(struct db_query *q, int parameter, const char *value);         /* NULL: a NULL */
void db_bind_text_or_null(struct db_query *q, int parameter, const char *value); /* "" too is a NULL */
void db_bind_octets(struct db_query *q, int parameter, const void *octets, size_t len);

/** db_step() - 1: a row; 0: no more; -errno. db_do() expects no row: 0 or -errno. */
MUST_CHECK int db_step(struct db_query *q, struct error *reterr);
MUST_CHECK int db_do(struct db_query *q, struct error *reterr);

/* Columns of the row, from 0; texts and octets live until the next step. */
int64_t db_i64(struct db_query *q, int column);
const char *db_text(struct db_query *q, int column);                    /* NULL for a NULL */
const void *db_octets(struct db_query *q, int column, size_t *ret_len); /* likewise */
