/*
 * SQLite: a file beside the other state, written ahead to a log and synced at every commit.
 *
 * A commit that was answered is on disk: WAL with synchronous=FULL syncs the log each time.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "core/db/driver.h"

enum { BUSY_MS = 5000 }; /* another process looks into the file: `sqlite3 bramble.db`, a backup */

static int code_of(int sqlite) {
        static const struct {
                int sqlite, error;
        } codes[] = {
                { SQLITE_CONSTRAINT, -EEXIST }, { SQLITE_FULL, -ENOSPC },     { SQLITE_BUSY, -EBUSY },
                { SQLITE_LOCKED, -EBUSY },      { SQLITE_NOMEM, -ENOMEM },    { SQLITE_READONLY, -EROFS },
                { SQLITE_PERM, -EACCES },       { SQLITE_CANTOPEN, -EACCES }, { SQLITE_CORRUPT, -EBADMSG },
                { SQLITE_NOTADB, -EBADMSG },    { SQLITE_TOOBIG, -E2BIG },
        };
        for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
                if ((sqlite & 0xff) == codes[i].sqlite)
                        return codes[i].error;
        }
        return -EIO;
}

/* What SQLite's own words leave open. */
static const char *remedy_of(int error) {
        switch (error) {
        case -EBADMSG:
                return "; move it away, or put a backup in its place";
        case -EROFS:
                return "; does it belong to another user?";
        case -EACCES:
                return "; is its folder there, and ours to write in?";
        default:
                return "";
        }
}

static int failed(sqlite3 *db, struct error *reterr) {
        int error = code_of(sqlite3_extended_errcode(db));
        return error_set(reterr, error, "database: %s%s", sqlite3_errmsg(db), remedy_of(error));
}

static void sqlite_close(void *connection) {
        (void)sqlite3_close(connection);
}

static int sqlite_run(void *connection, const char *sql, struct error *reterr) {
        return sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(connection, reterr);
}

static int sqlite_open(const char *location, void **ret, struct error *reterr) {
        static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                       "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                                       /* The daemon reaches no folder for temporary files. */
                                       "PRAGMA temp_store = MEMORY;";
        sqlite3 *db = NULL;

        if (!location[0])
                return error_set(reterr, -EINVAL,
                                 "database: sqlite: needs a path, as in sqlite:/var/lib/bramble/bramble.db");

        int r = sqlite3_open_v2(location, &db,
                                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                                        SQLITE_OPEN_NOFOLLOW,
                                NULL);
        if (r == SQLITE_OK) {
                (void)sqlite3_busy_timeout(db, BUSY_MS);
                r = sqlite3_exec(db, settings, NULL, NULL, NULL);
        }
        if (r != SQLITE_OK) {
                int code = error_set(reterr, code_of(r), "database %s: %s%s", location,
                                     db ? sqlite3_errmsg(db) : sqlite3_errstr(r), remedy_of(code_of(r)));
                (void)sqlite3_close(db);
                return code;
        }
        *ret = db;
        return 0;
}

static int sqlite_prepare(void *connection, const char *sql, void **ret, struct error *reterr) {
        sqlite3_stmt *statement = NULL;
        if (sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) != SQLITE_OK)
                return failed(connection, reterr);
        *ret = statement;
        return 0;
}

static void sqlite_finish(void *statement) {
        (void)sqlite3_finalize(statement);
}

static int sqlite_reset(void *statement) {
        (void)sqlite3_clear_bindings(statement);
        (void)sqlite3_reset(statement); /* repeats the error of the last step, which was told */
        return 0;
}

static int bound(int r) {
        return r == SQLITE_OK ? 0 : code_of(r);
}

static int sqlite_bind_null(void *statement, int parameter) {
        return bound(sqlite3_bind_null(statement, parameter));
}

static int sqlite_bind_i64(void *statement, int parameter, int64_t value) {
        return bound(sqlite3_bind_int64(statement, parameter, value));
}

static int sqlite_bind_text(void *statement, int parameter, const char *value) {
        return bound(sqlite3_bind_text(statement, parameter, value, -1, SQLITE_TRANSIENT));
}

static int sqlite_bind_octets(void *statement, int parameter, const void *octets, size_t len) {
        return bound(sqlite3_bind_blob64(statement, parameter, len ? octets : "", len, SQLITE_TRANSIENT));
}

static int sqlite_step(void *statement, struct error *reterr) {
        int r = sqlite3_step(statement);
        if (r == SQLITE_ROW || r == SQLITE_DONE)
                return r == SQLITE_ROW;
        return failed(sqlite3_db_handle(statement), reterr);
}

static int64_t sqlite_column_i64(void *statement, int column) {
        return sqlite3_column_int64(statement, column);
}

static const char *sqlite_column_text(void *statement, int column) {
        return (const char *)sqlite3_column_text(statement, column);
}

static const void *sqlite_column_octets(void *statement, int column, size_t *ret_len) {
        if (sqlite3_column_type(statement, column) == SQLITE_NULL)
                return NULL;
        const void *octets = sqlite3_column_blob(statement, column);
        *ret_len = (size_t)sqlite3_column_bytes(statement, column);
        return octets ? octets : ""; /* SQLite has NULL for an empty one */
}

/* The number in the first row of a query with one text parameter; 0 when there is no row. */
static int number_of(sqlite3 *db, const char *sql, const char *parameter, int64_t *ret,
                     struct error *reterr) {
        void *statement = NULL;
        int r = sqlite_prepare(db, sql, &statement, reterr);
        if (r < 0)
                return r;
        r = sqlite_bind_text(statement, 1, parameter);
        if (r == 0)
                r = sqlite_step(statement, reterr);
        if (r >= 0)
                *ret = r ? sqlite3_column_int64(statement, 0) : 0;
        sqlite_finish(statement);
        return r < 0 ? r : 0;
}

static int sqlite_has_table(void *connection, const char *table, struct error *reterr) {
        int64_t n = 0;
        int r = number_of(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
                          table, &n, reterr);
        return r < 0 ? r : n > 0;
}

static int sqlite_last_id(void *connection, const char *table, uint64_t *ret, struct error *reterr) {
        int64_t n = 0;
        int r = number_of(connection, "SELECT seq FROM sqlite_sequence WHERE name = $1", table, &n, reterr);
        if (r == 0)
                *ret = (uint64_t)n;
        return r;
}

const struct db_driver db_sqlite = {
        .scheme = "sqlite",
        .open = sqlite_open,
        .close = sqlite_close,
        .run = sqlite_run,
        .has_table = sqlite_has_table,
        .last_id = sqlite_last_id,
        .prepare = sqlite_prepare,
        .finish = sqlite_finish,
        .reset = sqlite_reset,
        .bind_null = sqlite_bind_null,
        .bind_i64 = sqlite_bind_i64,
        .bind_text = sqlite_bind_text,
        .bind_octets = sqlite_bind_octets,
        .step = sqlite_step,
        .column_i64 = sqlite_column_i64,
        .column_text = sqlite_column_text,
        .column_octets = sqlite_column_octets,
};
