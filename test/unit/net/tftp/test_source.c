/* The octets a worker points at: right at every offset, and read as rarely as promised. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/tftp/source.h"

enum { PIECES = 80 };

/* A blob that makes its octets up and counts how often it is asked. */
struct counting_blob {
        struct blob blob;
        unsigned n_reads;
        uint64_t n_octets;
        int error;
};

static uint8_t octet_at(uint64_t offset) {
        return (uint8_t)(offset * 31 + (offset >> 8) * 7 + (offset >> 16));
}

static int counting_read(struct blob *b, uint64_t offset, void *buf, size_t len) {
        struct counting_blob *c = (struct counting_blob *)(void *)b;

        if (c->error)
                return c->error;
        c->n_reads++;
        c->n_octets += len;
        for (size_t i = 0; i < len; i++)
                ((uint8_t *)buf)[i] = octet_at(offset + i);
        return 0;
}

static void counting_free(struct blob *b) {
        (void)b;
}

static struct counting_blob make_blob(uint64_t size, uint8_t name) {
        struct counting_blob c = { .blob = { .id = { { name } }, .size = size, .fd = -1 } };
        c.blob.read = counting_read;
        c.blob.free = counting_free;
        ref_init(&c.blob.ref);
        return c;
}

/* Gathers and lays the pieces one behind the other. */
static int64_t gather(struct tftp_source *s, const struct boot_file *f, uint64_t offset, size_t len,
                      uint8_t *out) {
        struct tftp_piece pieces[PIECES];
        int64_t done = 0;

        int n = tftp_source_gather(s, f, offset, len, pieces, PIECES);
        for (int i = 0; i < n; i++) {
                memcpy(out + done, pieces[i].octets, pieces[i].len);
                done += (int64_t)pieces[i].len;
        }
        return n < 0 ? n : done;
}

/* A file as boot files are: a stub, a text, parts of a blob. Each window of it is what boot_file_read() says.
 */
static void test_offsets(void **state) {
        struct counting_blob kernel = make_blob(200000, 1), unnamed = make_blob(70000, 0);
        const struct boot_segment segments[] = {
                { .octets = (const uint8_t *)"stub", .len = 4 },
                { .blob = &kernel.blob, .offset = 65530, .len = 100000 },
                { .octets = (const uint8_t *)"", .len = 0 },
                { .blob = &unnamed.blob, .offset = 1, .len = 69999 },
                { .octets = (const uint8_t *)"end", .len = 3 },
        };
        static const size_t lens[] = { 1, 512, 1468, 65464 };
        static uint8_t got[65536], want[65536];
        CLEANUP(boot_file_drop_at) struct boot_file *f = boot_file_new(segments, ARRAY_LEN(segments));
        CLEANUP(tftp_source_free_at) struct tftp_source *s = tftp_source_new();

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(lens); i++)
                for (uint64_t offset = 0; offset < f->size + 600; offset += 577) {
                        int64_t n = gather(s, f, offset, lens[i], got);
                        assert_int_equal(n, boot_file_read(f, offset, want, lens[i]));
                        assert_memory_equal(got, want, (size_t)n);
                        tftp_source_release(s);
                }
}

/* A thousand boards at one kernel: each chunk is read once. */
static void test_shared(void **state) {
        struct counting_blob kernel = make_blob(10 * TFTP_CHUNK_SIZE, 1);
        const struct boot_segment whole = { .blob = &kernel.blob, .len = kernel.blob.size };
        CLEANUP(boot_file_drop_at) struct boot_file *f = boot_file_new(&whole, 1);
        CLEANUP(tftp_source_free_at) struct tftp_source *s = tftp_source_new();
        uint8_t got[1468];

        (void)state;
        for (uint64_t offset = 0; offset < f->size; offset += sizeof(got))
                for (unsigned board = 0; board < 20; board++) {
                        (void)gather(s, f, offset, sizeof(got), got);
                        tftp_source_release(s);
                }
        assert_int_equal(kernel.n_reads, 10);
}

/* Places so far apart that no chunk is used twice: soon only what is asked for is read. */
static void test_scattered(void **state) {
        struct counting_blob kernel = make_blob(1000 * TFTP_CHUNK_SIZE, 1);
        const struct boot_segment whole = { .blob = &kernel.blob, .len = kernel.blob.size };
        CLEANUP(boot_file_drop_at) struct boot_file *f = boot_file_new(&whole, 1);
        CLEANUP(tftp_source_free_at) struct tftp_source *s = tftp_source_new();
        uint8_t got[1468];

        (void)state;
        for (unsigned round = 0; round < 20; round++)
                for (uint64_t offset = 0; offset < f->size; offset += TFTP_CHUNK_SIZE) {
                        assert_int_equal(gather(s, f, offset + round * sizeof(got), sizeof(got), got),
                                         sizeof(got));
                        assert_int_equal(got[7], octet_at(offset + round * sizeof(got) + 7));
                        tftp_source_release(s);
                }
        assert_true(kernel.n_octets < 3 * 20 * 1000 * sizeof(got));
}

/* What was handed out stays until the release, and when nothing can be replaced it says so. */
static void test_pinned(void **state) {
        struct counting_blob kernel = make_blob((TFTP_CHUNKS + 4) * TFTP_CHUNK_SIZE, 1);
        const struct boot_segment whole = { .blob = &kernel.blob, .len = kernel.blob.size };
        CLEANUP(boot_file_drop_at) struct boot_file *f = boot_file_new(&whole, 1);
        CLEANUP(tftp_source_free_at) struct tftp_source *s = tftp_source_new();
        struct tftp_piece first, next;
        uint64_t chunk = 1;
        int r;

        (void)state;
        assert_int_equal(tftp_source_gather(s, f, 100, 50, &first, 1), 1);
        while ((r = tftp_source_gather(s, f, chunk * TFTP_CHUNK_SIZE, 50, &next, 1)) == 1)
                chunk++;
        assert_int_equal(r, -ENOBUFS);
        assert_int_equal(chunk, TFTP_CHUNKS);
        assert_int_equal(first.octets[49], octet_at(149));
        tftp_source_release(s);
        assert_int_equal(tftp_source_gather(s, f, chunk * TFTP_CHUNK_SIZE, 50, &next, 1), 1);
        assert_int_equal(next.octets[0], octet_at(chunk * TFTP_CHUNK_SIZE));
}

static void test_failures(void **state) {
        struct counting_blob broken = make_blob(100000, 1), shrunk = make_blob(10, 2);
        const struct boot_segment of_broken = { .blob = &broken.blob, .len = 100000 };
        const struct boot_segment of_shrunk = { .blob = &shrunk.blob, .len = 20 };
        CLEANUP(boot_file_drop_at) struct boot_file *a = boot_file_new(&of_broken, 1);
        CLEANUP(boot_file_drop_at) struct boot_file *b = boot_file_new(&of_shrunk, 1);
        CLEANUP(tftp_source_free_at) struct tftp_source *s = tftp_source_new();
        uint8_t got[64];

        (void)state;
        broken.error = -EIO;
        assert_int_equal(gather(s, a, 0, sizeof(got), got), -EIO);
        broken.error = 0; /* the disk is back: nothing wrong was kept */
        assert_int_equal(gather(s, a, 0, sizeof(got), got), sizeof(got));
        assert_int_equal(got[5], octet_at(5));
        assert_int_equal(gather(s, b, 0, sizeof(got), got), -EIO);

        assert_non_null(tftp_source_scratch(s, TFTP_SCRATCH_SIZE));
        assert_null(tftp_source_scratch(s, 1));
        tftp_source_release(s);
        assert_non_null(tftp_source_scratch(s, 1));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_offsets),   cmocka_unit_test(test_shared),
                cmocka_unit_test(test_scattered), cmocka_unit_test(test_pinned),
                cmocka_unit_test(test_failures),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
