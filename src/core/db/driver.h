/*
 * The seam to databases: SQL in, rows out. Each query is written once, for every driver.
 *
 * The common SQL: parameters are $1, $2, …; ON CONFLICT and RETURNING are there; texts are UTF-8. What
 * differs, the driver does. To add one: write core/db/NAME.c, name it in drivers.c, and test/contract/db
 * tests it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct db_driver {
        const char *scheme; /* what a database URL begins with, before the colon */

        /* A connection, for one thread at a time. Every function here returns 0 or -errno with a sentence. */
        int (*open)(const char *location, void **ret, struct error *reterr);
        void (*close)(void *connection);

        int (*run)(void *connection, const char *sql,
                   struct error *reterr); /* several statements, without parameters */
        int (*has_table)(void *connection, const char *table, struct error *reterr); /* 1, 0 */
        int (*last_id)(void *connection, const char *table, uint64_t *ret,
                       struct error *reterr); /* the highest id ever given; 0: none */

        int (*prepare)(void *connection, const char *sql, void **ret, struct error *reterr);
        void (*finish)(void *statement);
        int (*reset)(void *statement); /* to run it again with other values */

        /* Parameters count from 1; octets are copied. */
        int (*bind_null)(void *statement, int parameter);
        int (*bind_i64)(void *statement, int parameter, int64_t value);
        int (*bind_text)(void *statement, int parameter, const char *value);
        int (*bind_octets)(void *statement, int parameter, const void *octets, size_t len);

        /* 1: a row is there; 0: done; -errno: -EEXIST where a constraint forbids it, -ENOSPC, -EBUSY, … */
        int (*step)(void *statement, struct error *reterr);

        /* Columns count from 0; what is returned lives until the next step. NULL for a NULL. */
        int64_t (*column_i64)(void *statement, int column);
        const char *(*column_text)(void *statement, int column);
        const void *(*column_octets)(void *statement, int column, size_t *ret_len);
};

extern const struct db_driver db_sqlite;
extern const struct db_driver *const db_drivers[]; /* NULL-terminated */
