/* The connection to read with; see reader.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>

#include "core/db/reader.h"

struct db_reader {
        pthread_mutex_t lock;
        struct db *db;
};

int db_reader_open(const char *url, struct db_reader **ret, struct error *reterr) {
        CLEANUP(db_reader_close_at) struct db_reader *r = calloc(1, sizeof(*r));
        if (!r)
                return error_set(reterr, -ENOMEM, "database: out of memory");
        r->lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
        int e = db_open_as_is(url, &r->db, reterr);
        if (e < 0)
                return e;
        *ret = TAKE(r);
        return 0;
}

void db_reader_close(struct db_reader *r) {
        if (!r)
                return;
        db_close(r->db);
        (void)pthread_mutex_destroy(&r->lock);
        free(r);
}

int db_reader_use(struct db_reader *r, int (*fn)(void *ctx, struct db *db, struct error *reterr), void *ctx,
                  struct error *reterr) {
        (void)pthread_mutex_lock(&r->lock);
        int e = fn(ctx, r->db, reterr);
        (void)pthread_mutex_unlock(&r->lock);
        return e;
}
