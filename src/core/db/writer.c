/* The database writer; see writer.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "core/db/writer.h"
#include "io/thread.h"

struct db_writer {
        struct db *db;
        db_written_fn written;
        void *ctx;
        pthread_t thread;

        pthread_mutex_t lock;
        pthread_cond_t wake;
        const struct db_change *changes; /* NULL: nothing to do */
        size_t n_changes;
        bool is_stopping;
};

/* The next batch; false when the writer is to end. */
static bool next_batch(struct db_writer *w, const struct db_change **ret, size_t *ret_n) {
        (void)pthread_mutex_lock(&w->lock);
        while (!w->changes && !w->is_stopping)
                (void)pthread_cond_wait(&w->wake, &w->lock);
        *ret = w->changes;
        *ret_n = w->n_changes;
        w->changes = NULL;
        (void)pthread_mutex_unlock(&w->lock);
        return *ret != NULL;
}

static void *run(void *arg) {
        struct db_writer *w = arg;
        const struct db_change *changes;
        size_t n;

        while (next_batch(w, &changes, &n)) {
                struct error error = {};
                int r = db_apply(w->db, changes, n, &error);
                w->written(w->ctx, r, &error);
        }
        return NULL;
}

int db_writer_start(struct db *db, db_written_fn written, void *ctx, struct db_writer **ret,
                    struct error *reterr) {
        struct db_writer *w = calloc(1, sizeof(*w));
        if (!w)
                return error_set(reterr, -ENOMEM, "database writer: out of memory");
        *w = (struct db_writer){ .db = db,
                                 .written = written,
                                 .ctx = ctx,
                                 .lock = PTHREAD_MUTEX_INITIALIZER,
                                 .wake = PTHREAD_COND_INITIALIZER };
        int r = thread_start(&w->thread, run, w);
        if (r < 0) {
                free(w);
                return error_set(reterr, r, "database writer: no thread: %s", strerror(-r));
        }
        *ret = w;
        return 0;
}

void db_writer_submit(struct db_writer *w, const struct db_change *changes, size_t n) {
        assert(n > 0);
        (void)pthread_mutex_lock(&w->lock);
        assert(!w->changes);
        w->changes = changes;
        w->n_changes = n;
        (void)pthread_cond_signal(&w->wake);
        (void)pthread_mutex_unlock(&w->lock);
}

void db_writer_stop(struct db_writer *w) {
        if (!w)
                return;
        (void)pthread_mutex_lock(&w->lock);
        w->is_stopping = true;
        (void)pthread_cond_signal(&w->wake);
        (void)pthread_mutex_unlock(&w->lock);
        (void)pthread_join(w->thread, NULL);
        (void)pthread_mutex_destroy(&w->lock);
        (void)pthread_cond_destroy(&w->wake);
        db_close(w->db);
        free(w);
}
