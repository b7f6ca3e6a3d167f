/* Migrations; see migrate.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "core/db/migrate.h"

/* The version that a database has; 0: it is empty. */
static int version_of(struct db *db, unsigned *ret, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db->driver->has_table(db->connection, "schema_version", reterr);

        *ret = 0;
        if (r <= 0)
                return r;
        r = db_prepare(db, "SELECT max(version) FROM schema_version", &q, reterr);
        if (r == 0)
                r = db_step(&q, reterr);
        if (r > 0)
                *ret = (unsigned)db_i64(&q, 0);
        return r < 0 ? r : 0;
}

static int note_version(struct db *db, unsigned version, struct error *reterr) {
        CLEANUP(db_query_end) struct db_query q = {};
        int r = db_prepare(db, "INSERT INTO schema_version (version) VALUES ($1)", &q, reterr);
        if (r < 0)
                return r;
        db_bind_i64(&q, 1, version);
        return db_do(&q, reterr);
}

static int step_to(struct db *db, const struct db_migration *m, struct error *reterr) {
        int r = db_run(db, "BEGIN", reterr);
        if (r < 0)
                return r;
        if (m->version == 1)
                r = db_run(db, "CREATE TABLE schema_version (version INTEGER NOT NULL)", reterr);
        if (r == 0)
                r = db_run(db, m->sql, reterr);
        if (r == 0)
                r = note_version(db, m->version, reterr);
        if (r == 0)
                r = db_run(db, "COMMIT", reterr);
        if (r < 0) {
                (void)error_prefix(reterr, "schema %s", m->name);
                (void)db_run(db, "ROLLBACK", NULL);
        }
        return r;
}

int db_migrate(struct db *db, const struct db_migration *schema, struct error *reterr) {
        unsigned version = 0, newest = 0;
        int r = version_of(db, &version, reterr);
        if (r < 0)
                return r;

        for (const struct db_migration *m = schema; m->version; m++)
                newest = m->version;
        if (version > newest)
                return error_set(reterr, -ENOTSUP,
                                 "database: its schema is version %u and this Bramble knows up to %u: it was "
                                 "written by a "
                                 "newer Bramble, start that one, or restore a backup made before the upgrade",
                                 version, newest);

        for (const struct db_migration *m = schema; m->version && r == 0; m++) {
                if (m->version > version)
                        r = step_to(db, m, reterr);
        }
        return r;
}
