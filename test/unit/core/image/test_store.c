/* The blob store: what is kept, what is not, and what is left behind. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/image/store.h"
#include "io/clock.h"
#include "io/tree.h"

static char dir[] = "/tmp/bramble-test-store-XXXXXX";

static int set_up(void **state) {
        (void)state;
        return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state) {
        (void)state;
        return tree_remove(AT_FDCWD, dir);
}

static int count_file(void *ctx, int fd, const char *path) {
        (void)fd;
        (void)path;
        ++*(unsigned *)ctx;
        return 0;
}

static unsigned count_files(const char *below) {
        char path[256];
        unsigned n = 0;

        assert_true(snprintf(path, sizeof(path), "%s/%s", dir, below) > 0);
        assert_int_equal(tree_each(AT_FDCWD, path, count_file, &n), 0);
        return n;
}

static struct store *open_store(void) {
        struct error error = { 0 };
        struct store *s = NULL;

        if (store_open(dir, &s, &error) < 0)
                fail_msg("%s", error.text);
        return s;
}

static struct store_writer *write_text(struct store *s, const char *text) {
        struct store_writer *w = NULL;

        assert_int_equal(store_write_begin(s, &w, NULL), 0);
        assert_int_equal(store_write(w, text, strlen(text), NULL), 0);
        return w;
}

static struct blob_id put(struct store *s, const char *text) {
        struct blob_id id;
        uint64_t size;

        assert_int_equal(store_write_end(write_text(s, text), &id, &size, NULL), 0);
        assert_int_equal(size, strlen(text));
        return id;
}

static void expect_text(struct blob *b, const char *text) {
        char buf[64] = "";

        assert_non_null(b);
        assert_int_equal(b->size, strlen(text));
        assert_int_equal(b->read(b, 0, buf, strlen(text)), 0);
        assert_string_equal(buf, text);
        blob_drop(b);
}

static void keeps(void **state) {
        static const char sha256_of_abc[] =
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; /* FIPS 180-2 */
        CLEANUP(store_close_at) struct store *s = open_store();
        char hex[2 * SHA256_SIZE + 1], path[256];
        int error = 0;

        (void)state;
        struct blob_id id = put(s, "abc");
        assert_string_equal(text_hex(id.octets, sizeof(id.octets), hex), sha256_of_abc);
        expect_text(store_open_blob(s, &id, &error), "abc");
        struct blob_source source = store_source(s);
        expect_text(source.open(source.ctx, &id, &error), "abc");
        assert_true(snprintf(path, sizeof(path), "%s/ba/%s", dir, sha256_of_abc + 2) > 0);
        assert_int_equal(access(path, F_OK), 0);

        struct blob_id again = put(s, "abc"); /* same octets, same blob */
        assert_memory_equal(&id, &again, sizeof(id));
        assert_int_equal(count_files("ba"), 1);

        struct blob_id none = { { 0 } };
        assert_null(store_open_blob(s, &none, &error));
        assert_int_equal(error, -ENOENT);
}

static void leaves_nothing(void **state) {
        struct store *s = open_store();
        struct blob_id id;
        uint64_t size;
        int error = 0;

        (void)state;
        struct store_writer *w = write_text(s, "not kept");
        assert_int_equal(store_write_seal(w, &id, &size, NULL), 0);
        expect_text(store_writer_open(w, &error), "not kept");
        assert_int_equal(access(store_writer_path(w), R_OK), 0);
        assert_null(store_open_blob(s, &id, &error));
        store_write_abort(w);
        assert_int_equal(count_files("tmp"), 0);

        store_write_abort(write_text(s, "neither"));
        assert_int_equal(count_files("tmp"), 0);

        /* A process that dies in the middle: the next one cleans up. */
        w = write_text(s, "died");
        CLEANUP(free_at) char *unpacked = store_make_dir(s, NULL);
        assert_non_null(unpacked);
        assert_int_equal(count_files("tmp"), 1);
        store_close(open_store());
        assert_int_equal(count_files("tmp"), 0);
        assert_int_equal(access(unpacked, F_OK), -1);
        store_write_abort(w);
        store_close(s);
}

static bool is_one(void *ctx, const struct blob_id *id) {
        return memcmp(ctx, id, sizeof(*id)) == 0;
}

static void collects(void **state) {
        CLEANUP(store_close_at) struct store *s = open_store();
        int64_t now_s = clock_unix_s();
        int error = 0;

        (void)state;
        struct blob_id used = put(s, "used"), unused = put(s, "unused");
        assert_int_equal(store_collect(s, is_one, &used, now_s), 0); /* too young */
        expect_text(store_open_blob(s, &unused, &error), "unused");
        assert_true(store_collect(s, is_one, &used, now_s + STORE_COLLECT_AGE_S + 60) >= 1);
        expect_text(store_open_blob(s, &used, &error), "used");
        assert_null(store_open_blob(s, &unused, &error));
}

/* What came and got no image before the daemon ended; what is older may belong to another database. */
static void collects_what_was_interrupted(void **state) {
        CLEANUP(store_close_at) struct store *s = open_store();
        int64_t now_s = clock_unix_s();
        int error = 0;

        (void)state;
        struct blob_id used = put(s, "kept"), unused = put(s, "interrupted");
        assert_int_equal(store_collect_interrupted(s, is_one, &used, now_s + STORE_INTERRUPTED_S + 60), 0);
        expect_text(store_open_blob(s, &unused, &error), "interrupted");
        assert_true(store_collect_interrupted(s, is_one, &used, now_s) >= 1);
        expect_text(store_open_blob(s, &used, &error), "kept");
        assert_null(store_open_blob(s, &unused, &error));
}

/* The file of a blob, overwritten as a disk would that goes bad. */
static void spoil(const struct blob_id *id, const char *text) {
        char hex[2 * SHA256_SIZE + 1], path[PATH_MAX];

        (void)text_hex(id->octets, sizeof(id->octets), hex);
        assert_true(snprintf(path, sizeof(path), "%s/%.2s/%s", dir, hex, hex + 2) > 0);
        int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
        (void)close(fd);
}

static void verifies(void **state) {
        CLEANUP(store_close_at) struct store *s = open_store();
        struct blob_id none = { { 7 } };
        int error = 0;

        (void)state;
        struct blob_id id = put(s, "as it was");
        assert_int_equal(store_verify(s, &id, 9), STORE_BLOB_SOUND);
        assert_int_equal(store_verify(s, &none, 9), STORE_BLOB_MISSING);
        spoil(&id, "as it is!");
        assert_int_equal(store_verify(s, &id, 9), STORE_BLOB_DAMAGED);
        spoil(&id, "short");
        assert_int_equal(store_verify(s, &id, 9), STORE_BLOB_DAMAGED);

        /* Imported again, it is as it was. */
        struct blob_id again = put(s, "as it was");
        assert_memory_equal(&id, &again, sizeof(id));
        assert_int_equal(store_verify(s, &id, 9), STORE_BLOB_SOUND);
        expect_text(store_open_blob(s, &id, &error), "as it was");
}

static void full_disk(void **state) {
        CLEANUP(store_close_at) struct store *s = open_store();
        struct error error = { 0 };

        (void)state;
        assert_int_equal(store_check_room(s, UINT64_MAX, &error), -ENOSPC);
        assert_non_null(strstr(error.text, "the disk is full"));
        assert_int_equal(store_check_room(s, 0, &error), 0);
}

static void bad_place(void **state) {
        struct error error = { 0 };
        struct store *s;

        (void)state;
        assert_int_equal(store_open("/dev/null/store", &s, &error), -ENOTDIR);
        assert_non_null(strstr(error.text, "/dev/null/store"));
}

/* Many imports of the same and of different files at once. */
static void *write_many(void *ctx) {
        for (int i = 0; i < 50; i++) {
                char text[16];
                (void)snprintf(text, sizeof(text), "%d", i % 10);
                (void)put(ctx, text);
        }
        return NULL;
}

static void in_parallel(void **state) {
        CLEANUP(store_close_at) struct store *s = open_store();
        pthread_t threads[4];
        int error = 0;

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
                assert_int_equal(pthread_create(&threads[i], NULL, write_many, s), 0);
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
                assert_int_equal(pthread_join(threads[i], NULL), 0);
        struct blob_id id = put(s, "7");
        expect_text(store_open_blob(s, &id, &error), "7");
        assert_int_equal(count_files("tmp"), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(keeps),     cmocka_unit_test(leaves_nothing),
                cmocka_unit_test(collects),  cmocka_unit_test(collects_what_was_interrupted),
                cmocka_unit_test(verifies),  cmocka_unit_test(full_disk),
                cmocka_unit_test(bad_place), cmocka_unit_test(in_parallel),
        };
        return cmocka_run_group_tests_name("store", tests, set_up, tear_down);
}
