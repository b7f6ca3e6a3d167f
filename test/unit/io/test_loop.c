/* The event loop: what other threads hand in does not keep it from its descriptors. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#include "io/clock.h"
#include "io/fd.h"
#include "io/loop.h"

enum { POSTS = 1000, POST_US = 100 };

struct desk {
        struct loop *loop;
        int fd;
        unsigned n_done, n_done_at_call;
        bool is_in_order;
};

struct errand {
        struct desk *desk;
        unsigned number;
};

/* Takes its time. The first one makes the descriptor readable. */
static void run(void *ctx) {
        const struct errand *e = ctx;
        uint64_t start_us = clock_now_us();

        e->desk->is_in_order &= e->number == e->desk->n_done;
        if (e->desk->n_done++ == 0)
                (void)eventfd_write(e->desk->fd, 1);
        while (clock_now_us() - start_us < POST_US)
                ;
}

static void is_called(void *ctx) {
        struct desk *d = ctx;
        d->n_done_at_call = d->n_done;
        loop_stop(d->loop);
}

static void a_heap_of_posts_starves_nobody(void **state) {
        CLEANUP(loop_free_at) struct loop *loop = loop_new();
        CLEANUP(fd_close_at) int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        struct desk d = { .loop = loop, .fd = fd, .is_in_order = true };
        struct errand errands[POSTS];
        (void)state;

        struct loop_io *io = loop_watch(loop, fd, is_called, &d);
        assert_non_null(io);
        for (unsigned i = 0; i < POSTS; i++) {
                errands[i] = (struct errand){ &d, i };
                assert_true(loop_post(loop, run, &errands[i]));
        }
        assert_int_equal(loop_run(loop), 0);
        loop_unwatch(io);
        assert_in_range(d.n_done_at_call, 1, POSTS / 2);
        assert_int_equal(d.n_done, POSTS); /* who waits for an answer gets it, also of a loop that ends */
        assert_true(d.is_in_order);
        assert_false(loop_post(loop, run, &errands[0]));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_heap_of_posts_starves_nobody),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
