/* Whatever somebody started at a shell ends with the shell's server. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/bramble-agent/io/descent.h"

static void stay(void) {
        for (;;)
                (void)pause();
}

/* A server with a session, and what that left behind in a session of its own, deaf to hang-ups. */
static pid_t start_server(int fd) {
        const pid_t server = fork();

        if (server != 0)
                return server;
        descent_keep();
        const pid_t session = fork();
        if (session == 0) {
                if (fork() > 0)
                        stay();
                (void)setsid();
                if (fork() > 0)
                        _exit(0);
                (void)signal(SIGHUP, SIG_IGN);
                (void)signal(SIGTERM, SIG_IGN);
                const pid_t own = getpid();
                (void)!write(fd, &own, sizeof(own));
                stay();
        }
        stay();
        _exit(0);
}

static void ends_all_of_them(void **state) {
        (void)state;
        pid_t left;
        int ends[2];

        assert_int_equal(pipe(ends), 0);
        const pid_t server = start_server(ends[1]);
        assert_true(server > 0);
        assert_int_equal(read(ends[0], &left, sizeof(left)), sizeof(left));
        assert_int_equal(kill(left, 0), 0);
        (void)close(ends[1]);
        assert_int_equal(descent_end(server), 0);
        assert_int_equal(kill(server, 0), -1);
        assert_int_equal(errno, ESRCH);
        char c;
        assert_int_equal(read(ends[0], &c, 1), 0); /* nobody has the other end any more */
        (void)close(ends[0]);
}

static void one_that_is_gone_is_no_fault(void **state) {
        (void)state;
        const pid_t pid = fork();

        if (pid == 0)
                _exit(0);
        assert_int_equal(descent_end(pid), 0);
        assert_int_equal(descent_end(pid), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ends_all_of_them),
                cmocka_unit_test(one_that_is_gone_is_no_fault),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
