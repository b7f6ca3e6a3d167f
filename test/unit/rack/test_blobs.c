/* Open blobs of one thread: opened once, shared, and closed when too many are. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/tree.h"
#include "rack/blobs.h"

static char dir[] = "/tmp/bramble-test-blobs-XXXXXX";
static struct store *store;

static int set_up(void **state) {
        struct error err;
        (void)state;
        return mkdtemp(dir) && store_open(dir, &store, &err) == 0 ? 0 : -1;
}

static int tear_down(void **state) {
        (void)state;
        store_close(store);
        return tree_remove(AT_FDCWD, dir);
}

static struct blob_id put(const char *octets) {
        struct store_writer *w;
        struct blob_id id;
        struct error err;
        uint64_t size;

        assert_int_equal(store_write_begin(store, &w, &err), 0);
        assert_int_equal(store_write(w, octets, strlen(octets), &err), 0);
        assert_int_equal(store_write_end(w, &id, &size, &err), 0);
        return id;
}

static struct blob *open_one(const struct blob_source *s, const struct blob_id *id) {
        int error = 0;
        struct blob *b = s->open(s->ctx, id, &error);
        assert_non_null(b);
        return b;
}

static void a_blob_is_opened_once(void **state) {
        CLEANUP(blobs_free_at) struct blobs *b = blobs_new(store, 4);
        const struct blob_source s = blobs_source(b);
        struct blob_id id = put("kernel");
        (void)state;

        struct blob *first = open_one(&s, &id), *second = open_one(&s, &id);
        assert_ptr_equal(first, second);
        blob_drop(first);
        blob_drop(second);
}

static void the_one_not_used_longest_is_closed(void **state) {
        CLEANUP(blobs_free_at) struct blobs *b = blobs_new(store, 2);
        const struct blob_source s = blobs_source(b);
        struct blob_id ids[] = { put("one"), put("two"), put("three") };
        (void)state;

        struct blob *one = open_one(&s, &ids[0]), *two = open_one(&s, &ids[1]);
        blob_drop(open_one(&s, &ids[0]));
        blob_drop(open_one(&s, &ids[2])); /* the second makes room */
        struct blob *one_again = open_one(&s, &ids[0]), *two_again = open_one(&s, &ids[1]);
        assert_ptr_equal(one_again, one);
        assert_ptr_not_equal(two_again, two);

        char octets[4] = "";
        assert_int_equal(two->read(two, 0, octets, 3), 0); /* who still reads it has it whole */
        assert_string_equal(octets, "two");
        blob_drop(one);
        blob_drop(one_again);
        blob_drop(two);
        blob_drop(two_again);
}

static void a_blob_that_is_not_there_is_an_error(void **state) {
        CLEANUP(blobs_free_at) struct blobs *b = blobs_new(store, 2);
        const struct blob_source s = blobs_source(b);
        const struct blob_id id = { { 1 } };
        int error = 0;
        (void)state;

        assert_null(s.open(s.ctx, &id, &error));
        assert_int_equal(error, -ENOENT);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_blob_is_opened_once),
                cmocka_unit_test(the_one_not_used_longest_is_closed),
                cmocka_unit_test(a_blob_that_is_not_there_is_an_error),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
