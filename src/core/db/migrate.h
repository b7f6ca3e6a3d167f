/* The schema's versions, each a file schema/NNN_NAME.sql built in, and the way from one to the next. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/db/db.h"

struct db_migration {
        unsigned version; /* from 1, without gaps */
        const char *name; /* "001_site" */
        const char *sql;
};

extern const struct db_migration db_schema[]; /* ends with version 0 */

/**
 * db_migrate() - bring a database to the newest version, each step in a transaction of its own
 *
 * A database of a newer Bramble is refused and left as it is: -ENOTSUP.
 */
MUST_CHECK int db_migrate(struct db *db, const struct db_migration *schema, struct error *reterr);
