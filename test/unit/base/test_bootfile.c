/* Boot files: segments read as one, at any offset; tags that follow the octets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bootfile.h"

/* A blob of the octets 0, 1, 2, … 255, 0, … that counts how often it was freed. */
static int n_freed;

static int pattern_read(struct blob *b, uint64_t offset, void *buf, size_t len) {
        if (offset + len > b->size)
                return -EIO;
        for (size_t i = 0; i < len; i++)
                ((uint8_t *)buf)[i] = (uint8_t)(offset + i);
        return 0;
}

static void pattern_free(struct blob *b) {
        n_freed++;
        free(b);
}

static struct blob *pattern(uint64_t size, uint8_t name) {
        struct blob *b = calloc(1, sizeof(*b));
        assert_non_null(b);
        *b = (struct blob){
                .id = { { name } }, .size = size, .fd = -1, .read = pattern_read, .free = pattern_free
        };
        ref_init(&b->ref);
        return b;
}

static void reads_over_borders(void **state) {
        CLEANUP(blob_drop_at) struct blob *b = pattern(1000, 1);
        const struct boot_segment segments[] = {
                { .octets = (const uint8_t *)"head", .len = 4 },
                { .blob = b, .offset = 10, .len = 5 },
                { .octets = NULL, .len = 0 }, /* an empty part is no hole */
                { .octets = (const uint8_t *)"tail", .len = 4 },
        };
        static const uint8_t whole[] = { 'h', 'e', 'a', 'd', 10, 11, 12, 13, 14, 't', 'a', 'i', 'l' };
        (void)state;

        CLEANUP(boot_file_drop_at) struct boot_file *f = boot_file_new(segments, ARRAY_LEN(segments));
        assert_int_equal(f->size, sizeof(whole));
        for (size_t from = 0; from <= sizeof(whole) + 1; from++) {
                for (size_t len = 0; len <= sizeof(whole) + 1; len++) {
                        uint8_t got[sizeof(whole) + 1];
                        size_t left = from < sizeof(whole) ? sizeof(whole) - from : 0,
                               want = len < left ? len : left;
                        assert_int_equal(boot_file_read(f, from, got, len), want);
                        assert_memory_equal(got, whole + (want ? from : 0), want);
                }
        }
}

static void references_are_given_back(void **state) {
        n_freed = 0;
        struct blob *b = pattern(10, 1);
        struct boot_file *f = boot_file_new(&(struct boot_segment){ .blob = b, .len = 10 }, 1);
        (void)state;

        blob_drop(b);
        assert_int_equal(n_freed, 0); /* the file still holds it */
        boot_file_drop(boot_file_take(f));
        assert_int_equal(n_freed, 0);
        boot_file_drop(f);
        assert_int_equal(n_freed, 1);
}

static void tags_name_the_octets(void **state) {
        CLEANUP(boot_file_drop_at) struct boot_file *a = boot_file_of_octets("one", 3);
        CLEANUP(boot_file_drop_at) struct boot_file *same = boot_file_of_octets("one", 3);
        CLEANUP(boot_file_drop_at) struct boot_file *other = boot_file_of_octets("two", 3);
        CLEANUP(blob_drop_at) struct blob *b1 = pattern(10, 1);
        CLEANUP(blob_drop_at) struct blob *b2 = pattern(10, 2);
        CLEANUP(boot_file_drop_at)
        struct boot_file *f1 = boot_file_new(&(struct boot_segment){ .blob = b1, .len = 10 }, 1);
        CLEANUP(boot_file_drop_at)
        struct boot_file *f2 = boot_file_new(&(struct boot_segment){ .blob = b2, .len = 10 }, 1);
        CLEANUP(boot_file_drop_at)
        struct boot_file *part =
                boot_file_new(&(struct boot_segment){ .blob = b1, .offset = 1, .len = 9 }, 1);
        (void)state;

        assert_string_equal(a->etag, same->etag);
        assert_string_not_equal(a->etag, other->etag);
        assert_string_not_equal(f1->etag, f2->etag);
        assert_string_not_equal(f1->etag, part->etag);
        assert_int_equal(a->etag[0], '"');
        assert_int_equal(strlen(a->etag), 34);
}

static void a_blob_that_fails_says_so(void **state) {
        CLEANUP(blob_drop_at) struct blob *b = pattern(5, 1);
        CLEANUP(boot_file_drop_at)
        struct boot_file *f = boot_file_new(&(struct boot_segment){ .blob = b, .len = 10 }, 1);
        uint8_t buf[10];
        (void)state;

        assert_int_equal(boot_file_read(f, 0, buf, 10), -EIO);
}

static void lengths_that_overflow_are_refused(void **state) {
        CLEANUP(blob_drop_at) struct blob *b = pattern(1, 1);
        const struct boot_segment segments[] = { { .blob = b, .len = UINT64_MAX }, { .blob = b, .len = 1 } };
        (void)state;

        assert_null(boot_file_new(segments, 2));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_over_borders),
                cmocka_unit_test(references_are_given_back),
                cmocka_unit_test(tags_name_the_octets),
                cmocka_unit_test(a_blob_that_fails_says_so),
                cmocka_unit_test(lengths_that_overflow_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
