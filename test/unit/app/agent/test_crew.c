/* A crew works on all it is given, holds back who gives, and ends at the first fault. A file as its disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/bramble-agent/io/block.h"
#include "app/bramble-agent/io/crew.h"

struct count {
        atomic_uint worked, dropped, alive, most;
        unsigned fails_at;
};

static struct count *counted; /* drop() is given nothing but the item */

static void drop(void *item) {
        atomic_fetch_add(&counted->dropped, 1);
        atomic_fetch_sub(&counted->alive, 1);
        free(item);
}

static int work(void *ctx, unsigned worker, void *item, struct error *reterr) {
        struct count *c = ctx;
        unsigned number = *(unsigned *)item, alive = atomic_load(&c->alive), most = atomic_load(&c->most);

        assert_in_range(worker, 0, 2);
        while (alive > most && !atomic_compare_exchange_weak(&c->most, &most, alive))
                ;
        free(item);
        atomic_fetch_sub(&c->alive, 1);
        atomic_fetch_add(&c->worked, 1);
        return number == c->fails_at ? error_set(reterr, -EIO, "number %u broke", number) : 0;
}

static int give(struct crew *crew, struct count *c, unsigned number) {
        unsigned *item = malloc(sizeof(*item));
        *item = number;
        atomic_fetch_add(&c->alive, 1);
        return crew_give(crew, item);
}

static void works_on_all(void **state) {
        (void)state;
        struct count c = { .fails_at = UINT32_MAX };
        const struct crew_work row = { .work = work, .drop = drop, .ctx = counted = &c };
        struct crew *crew = crew_start(3, 4, &row);

        for (unsigned i = 0; i < 10000; i++)
                assert_int_equal(give(crew, &c, i), 0);
        assert_int_equal(crew_finish(crew, NULL), 0);
        assert_int_equal(atomic_load(&c.worked), 10000);
        assert_int_equal(atomic_load(&c.alive), 0);
        assert_in_range(atomic_load(&c.most), 1,
                        3 + 4 + 1); /* workers, queue, and the one that waits to get in */
}

static void ends_at_the_first_fault(void **state) {
        (void)state;
        struct count c = { .fails_at = 50 };
        const struct crew_work row = { .work = work, .drop = drop, .ctx = counted = &c };
        struct crew *crew = crew_start(3, 4, &row);
        struct error error = { 0 };
        unsigned given = 0;

        while (given < 10000 && give(crew, &c, given) == 0)
                given++;
        assert_in_range(given, 50, 9999);
        assert_int_equal(crew_finish(crew, &error), -EIO);
        assert_string_equal(error.text, "number 50 broke");
        assert_int_equal(atomic_load(&c.alive), 0); /* nothing is lost, nothing is left */
}

static void can_be_left_at_any_time(void **state) {
        (void)state;
        struct count c = { .fails_at = UINT32_MAX };
        const struct crew_work row = { .work = work, .drop = drop, .ctx = counted = &c };
        struct crew *crew = crew_start(1, 4, &row);

        for (unsigned i = 0; i < 4; i++)
                assert_int_equal(give(crew, &c, i), 0);
        crew_free(crew);
        assert_int_equal(atomic_load(&c.alive), 0);
        assert_int_equal(atomic_load(&c.worked) + atomic_load(&c.dropped), 4);
}

static void a_file_plays_a_disk(void **state) {
        (void)state;
        char path[] = "/tmp/bramble-disk-XXXXXX";
        int fd = mkstemp(path);
        CLEANUP(free_at) uint8_t *a = block_buffer(BLOCK_ALIGN), *b = block_buffer(BLOCK_ALIGN);
        struct block *disk;
        struct error error;

        assert_true(fd >= 0 && ftruncate(fd, 1 << 20) == 0);
        assert_int_equal(block_open(path, "vda", true, &disk, &error), 0);
        assert_int_equal(block_size(disk), 1 << 20);
        assert_false(block_is_device(disk));
        memset(a, 'a', BLOCK_ALIGN);
        assert_int_equal(block_write(disk, 2 * BLOCK_ALIGN, a, BLOCK_ALIGN, &error), 0);
        assert_int_equal(block_read(disk, 2 * BLOCK_ALIGN, b, BLOCK_ALIGN, &error), 0);
        assert_memory_equal(a, b, BLOCK_ALIGN);
        assert_int_equal(block_zero(disk, 2 * BLOCK_ALIGN, BLOCK_ALIGN, &error), 0);
        assert_int_equal(block_read(disk, 2 * BLOCK_ALIGN, b, BLOCK_ALIGN, &error), 0);
        assert_int_equal(b[0] | b[BLOCK_ALIGN - 1], 0);
        assert_int_equal(block_discard(disk, 0, 1 << 20, true), -EOPNOTSUPP);
        assert_int_equal(block_sync(disk, &error), 0);
        assert_int_equal(block_read(disk, 1 << 20, b, BLOCK_ALIGN, &error), -EIO);
        assert_non_null(strstr(error.text, "disk vda cannot be read at octet 1048576"));
        block_close(disk);
        assert_int_equal(block_open("/nowhere", "vdb", false, &disk, &error), -ENOENT);
        assert_non_null(strstr(error.text, "vdb"));
        (void)close(fd);
        (void)unlink(path);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(works_on_all),
                cmocka_unit_test(ends_at_the_first_fault),
                cmocka_unit_test(can_be_left_at_any_time),
                cmocka_unit_test(a_file_plays_a_disk),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
