/* What is SQLite's own: URLs and files that are none, and the settings that make a commit durable. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/db/db.h"

static void refuses_what_is_no_database(void **state) {
        char garbage[] = "/tmp/bramble-sqlite-XXXXXX", url[64];
        static const char text[] = "This is no database, but it is longer than the header of one, which has "
                                   "a hundred octets in it.";
        int fd = mkstemp(garbage);
        (void)state;
        assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
        close(fd);
        (void)snprintf(url, sizeof(url), "sqlite:%s", garbage);

        const struct {
                const char *remark, *url, *sentence;
                int error;
        } rows[] = {
                { "no scheme", "/var/lib/bramble.db", "an URL such as sqlite:", -EINVAL },
                { "another scheme", "mysql:x", "an URL such as sqlite:", -EINVAL },
                { "a scheme that begins like ours", "sqlite3:x", "an URL such as sqlite:", -EINVAL },
                { "no path", "sqlite:", "needs a path", -EINVAL },
                { "a folder that is not there", "sqlite:/nonexistent/bramble.db", "unable to open", -EACCES },
                { "another file", url, "not a database; move it away", -EBADMSG },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct error error = {};
                struct db *db = NULL;
                int r = db_open(rows[i].url, &db, &error);
                if (r != rows[i].error || !strstr(error.text, rows[i].sentence))
                        fail_msg("%s: got %d, %s", rows[i].remark, r, error.text);
        }
        unlink(garbage);
}

static void syncs_every_commit(void **state) {
        static const struct {
                const char *pragma, *value;
        } rows[] = {
                { "PRAGMA journal_mode", "wal" },
                { "PRAGMA synchronous", "2" }, /* FULL */
                { "PRAGMA foreign_keys", "1" },
        };
        char dir[] = "/tmp/bramble-sqlite-XXXXXX", path[64], url[80];
        struct db *db = NULL;
        (void)state;
        assert_non_null(mkdtemp(dir));
        (void)snprintf(path, sizeof(path), "%s/x.db", dir);
        (void)snprintf(url, sizeof(url), "sqlite:%s", path);
        assert_int_equal(db_open(url, &db, NULL), 0);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(db_query_end) struct db_query q = {};
                assert_int_equal(db_prepare(db, rows[i].pragma, &q, NULL), 0);
                assert_int_equal(db_step(&q, NULL), 1);
                assert_string_equal(db_text(&q, 0), rows[i].value);
        }
        db_close(db);
        unlink(path);
        rmdir(dir);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(refuses_what_is_no_database),
                                            cmocka_unit_test(syncs_every_commit) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
