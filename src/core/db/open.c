/* Opening a database: which driver, and its schema brought up to date; see db.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "core/db/db.h"
#include "core/db/migrate.h"

/* The driver that a URL names, and what follows the colon. */
static const struct db_driver *driver_of(const char *url, const char **ret_location) {
        for (const struct db_driver *const *d = db_drivers; *d; d++) {
                size_t len = strlen((*d)->scheme);
                if (strncmp(url, (*d)->scheme, len) == 0 && url[len] == ':') {
                        *ret_location = url + len + 1;
                        return *d;
                }
        }
        return NULL;
}

int db_open_as_is(const char *url, struct db **ret, struct error *reterr) {
        const char *location = NULL;
        const struct db_driver *driver = driver_of(url, &location);
        if (!driver)
                return error_set(
                        reterr, -EINVAL,
                        "database \"%s\": an URL such as sqlite:/var/lib/bramble/bramble.db is wanted", url);

        CLEANUP(db_close_at) struct db *db = calloc(1, sizeof(*db));
        if (!db)
                return error_set(reterr, -ENOMEM, "database: out of memory");
        db->driver = driver;
        int r = driver->open(location, &db->connection, reterr);
        if (r < 0)
                return r;
        *ret = TAKE(db);
        return 0;
}

int db_open(const char *url, struct db **ret, struct error *reterr) {
        CLEANUP(db_close_at) struct db *db = NULL;
        int r = db_open_as_is(url, &db, reterr);
        if (r == 0)
                r = db_migrate(db, db_schema, reterr);
        if (r < 0)
                return r;
        *ret = TAKE(db);
        return 0;
}
