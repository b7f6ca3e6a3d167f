/* Who answers an echo: this machine does, and an address that nobody has does not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/ping.h"

static void hears_who_is_alive(void **state) {
        struct ip_addr here = ip_from_v4(INADDR_LOOPBACK), nowhere = ip_from_v4(0xf0000001); /* class E */
        const struct ip_addr v6 = { .family = IP_V6 };
        (void)state;

        assert_true(ping_answers(&here, 10000));
        assert_false(ping_answers(&nowhere, 300));
        assert_false(ping_answers(&v6, 300));
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(hears_who_is_alive) };
        const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);

        if (fd < 0) {
                printf("skipped: no right to raw sockets: %s\n", strerror(errno));
                return 77; /* as meson knows a skip */
        }
        (void)close(fd);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
