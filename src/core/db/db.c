/* Databases and statements; see db.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/db/db.h"

void db_close(struct db *db) {
        if (!db)
                return;
        if (db->connection)
                db->driver->close(db->connection);
        free(db);
}

int db_last_id(struct db *db, const char *table, uint64_t *ret, struct error *reterr) {
        return db->driver->last_id(db->connection, table, ret, reterr);
}

int db_run(struct db *db, const char *sql, struct error *reterr) {
        return db->driver->run(db->connection, sql, reterr);
}

int db_prepare(struct db *db, const char *sql, struct db_query *ret, struct error *reterr) {
        *ret = (struct db_query){ .driver = db->driver };
        return db->driver->prepare(db->connection, sql, &ret->statement, reterr);
}

void db_query_end(struct db_query *q) {
        if (q->statement)
                q->driver->finish(q->statement);
        q->statement = NULL;
}

void db_reset(struct db_query *q) {
        (void)q->driver->reset(q->statement);
        q->failure = 0;
}

static void note(struct db_query *q, int r) {
        if (r < 0 && q->failure == 0)
                q->failure = r;
}

void db_bind_i64(struct db_query *q, int parameter, int64_t value) {
        note(q, q->driver->bind_i64(q->statement, parameter, value));
}

void db_bind_id(struct db_query *q, int parameter, uint64_t id) {
        db_bind_i64(q, parameter, (int64_t)id);
}

void db_bind_null(struct db_query *q, int parameter) {
        note(q, q->driver->bind_null(q->statement, parameter));
}

void db_bind_text(struct db_query *q, int parameter, const char *value) {
        if (value)
                note(q, q->driver->bind_text(q->statement, parameter, value));
        else
                db_bind_null(q, parameter);
}

void db_bind_text_or_null(struct db_query *q, int parameter, const char *value) {
        db_bind_text(q, parameter, value && value[0] ? value : NULL);
}

void db_bind_octets(struct db_query *q, int parameter, const void *octets, size_t len) {
        note(q, q->driver->bind_octets(q->statement, parameter, octets, len));
}

int db_step(struct db_query *q, struct error *reterr) {
        if (q->failure < 0)
                return error_set(reterr, q->failure, "database: a value cannot be stored: %s",
                                 strerror(-q->failure));
        return q->driver->step(q->statement, reterr);
}

int db_do(struct db_query *q, struct error *reterr) {
        int r = db_step(q, reterr);
        return r < 0 ? r : 0;
}

int64_t db_i64(struct db_query *q, int column) {
        return q->driver->column_i64(q->statement, column);
}

const char *db_text(struct db_query *q, int column) {
        return q->driver->column_text(q->statement, column);
}

const void *db_octets(struct db_query *q, int column, size_t *ret_len) {
        return q->driver->column_octets(q->statement, column, ret_len);
}
