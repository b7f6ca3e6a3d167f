/* The writer thread: batches in, answers out, and an end that loses nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/db/machine.h"
#include "core/db/writer.h"

struct answers {
        pthread_mutex_t lock;
        pthread_cond_t came;
        unsigned n;
        int last;
        struct error error;
};

static void written(void *ctx, int result, const struct error *error) {
        struct answers *a = ctx;
        pthread_mutex_lock(&a->lock);
        a->n++;
        a->last = result;
        a->error = *error;
        pthread_cond_signal(&a->came);
        pthread_mutex_unlock(&a->lock);
}

static void wait_for(struct answers *a, unsigned n) {
        pthread_mutex_lock(&a->lock);
        while (a->n < n)
                pthread_cond_wait(&a->came, &a->lock);
        pthread_mutex_unlock(&a->lock);
}

static void answers_every_batch(void **state) {
        struct answers a = { .lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER };
        struct db *db = NULL;
        struct db_writer *w = NULL;
        struct error error = {};
        (void)state;
        assert_int_equal(db_open("sqlite::memory:", &db, &error), 0);
        assert_int_equal(db_writer_start(db, written, &a, &w, &error), 0);

        CLEANUP(machine_drop_at) struct machine *m = machine_new();
        m->id = 1;
        (void)snprintf(m->name, sizeof(m->name), "one");
        const struct db_change put = { .kind = DB_MACHINE_PUT, .machine = m };
        db_writer_submit(w, &put, 1);
        wait_for(&a, 1);
        assert_int_equal(a.last, 0);

        CLEANUP(machine_drop_at) struct machine *twin = machine_new();
        twin->id = 2;
        (void)snprintf(twin->name, sizeof(twin->name), "one");
        const struct db_change refused = { .kind = DB_MACHINE_PUT, .machine = twin };
        db_writer_submit(w, &refused, 1);
        wait_for(&a, 2);
        assert_int_equal(a.last, -EEXIST);
        assert_non_null(strstr(a.error.text, "machine.name"));

        const struct db_change gone = { .kind = DB_MACHINE_DELETE, .id = 1 };
        db_writer_submit(w, &gone, 1);
        db_writer_stop(w); /* finishes what was submitted */
        assert_int_equal(a.n, 3);
        assert_int_equal(a.last, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(answers_every_batch) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
