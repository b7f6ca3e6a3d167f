/* Descriptors: written whole where it was said, or a reason. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/fd.h"

static void octets_land_where_they_belong(void **state) {
        CLEANUP(fd_close_at) int fd = memfd_create("test", MFD_CLOEXEC);
        char got[16] = "";
        (void)state;

        assert_int_equal(fd_write(fd, "world", 5, 6), 0);
        assert_int_equal(fd_write(fd, "hello ", 6, 0), 0);
        assert_int_equal(pread(fd, got, sizeof(got), 0), 11);
        assert_string_equal(got, "hello world");
        assert_int_equal(lseek(fd, 0, SEEK_CUR), 0); /* whoever reads on is not disturbed */
}

/* The kernel takes what fits and no more: that is told, and never taken for all. */
static void a_write_that_ends_early_is_a_failure(void **state) {
        CLEANUP(fd_close_at) int fd = memfd_create("test", MFD_CLOEXEC);
        CLEANUP(fd_close_at) int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
        struct rlimit before;
        (void)state;

        assert_int_equal(fd_write(full, "x", 1, 0), -ENOSPC);
        assert_int_equal(fd_write(-1, "x", 1, 0), -EBADF);
        assert_int_equal(fd_write(-1, "", 0, 0), 0);
        (void)getrlimit(RLIMIT_FSIZE, &before);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 6, before.rlim_max }), 0);
        (void)signal(SIGXFSZ, SIG_IGN);
        int r = fd_write(fd, "hello world", 11, 0);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(r, -EFBIG);
        assert_int_equal(lseek(fd, 0, SEEK_END), 6);
}

static void none_is_closed_as_well(void **state) {
        (void)state;
        errno = 0;
        fd_close(-1);
        assert_int_equal(errno, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(octets_land_where_they_belong),
                cmocka_unit_test(a_write_that_ends_early_is_a_failure),
                cmocka_unit_test(none_is_closed_as_well),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
