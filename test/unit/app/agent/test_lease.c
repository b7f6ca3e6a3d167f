/* From udhcpc's environment to the agent's lease. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/bramble-agent/lease.h"

static const char *ip, *subnet, *router;

static const char *variable(const char *name) {
        return strcmp(name, "ip") == 0 ? ip : strcmp(name, "subnet") == 0 ? subnet : router;
}

static void a_lease_arrives_whole(void **state) {
        (void)state;
        char message[LEASE_MESSAGE_MAX];
        struct lease lease;

        ip = "10.77.0.80", subnet = "255.255.255.0", router = "10.77.0.1 10.77.0.2";
        assert_int_equal(lease_message("bound", variable, message), 0);
        assert_int_equal(lease_parse(message, &lease), 0);
        assert_int_equal(lease.event, LEASE_BOUND);
        assert_int_equal(lease.address, 0x0a4d0050);
        assert_int_equal(lease.mask, 0xffffff00);
        assert_int_equal(lease.router, 0x0a4d0001); /* the first is preferred */
}

static void a_network_needs_no_router(void **state) {
        (void)state;
        char message[LEASE_MESSAGE_MAX];
        struct lease lease;

        ip = "10.77.0.80", subnet = "255.255.255.0", router = NULL;
        assert_int_equal(lease_message("renew", variable, message), 0);
        assert_int_equal(lease_parse(message, &lease), 0);
        assert_int_equal(lease.router, 0);
        ip = subnet = NULL;
        assert_int_equal(lease_message("deconfig", variable, message), 0);
        assert_int_equal(lease_parse(message, &lease), 0);
        assert_int_equal(lease.event, LEASE_LOST);
}

static void what_is_none_is_refused(void **state) {
        (void)state;
        static const char *const bad[] = {
                "", "bound", "bound 1.2.3.4", "bound - - -", "bound 1.2.3 255.0.0.0 -", "leasefail - - -"
        };
        char message[LEASE_MESSAGE_MAX];
        struct lease lease;

        for (size_t i = 0; i < ARRAY_LEN(bad); i++)
                assert_int_equal(lease_parse(bad[i], &lease), -EINVAL);
        assert_int_equal(lease_message("leasefail", variable, message), -EINVAL);
        ip = "a value far longer than any address", subnet = router = "";
        assert_int_equal(lease_message("bound", variable, message), 0);
        assert_int_equal(lease_parse(message, &lease), -EINVAL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_lease_arrives_whole),
                cmocka_unit_test(a_network_needs_no_router),
                cmocka_unit_test(what_is_none_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
