/* Clients, and which of our sockets their transfers use. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/tftp/limits.h"
#include "net/tftp/peers.h"

static const struct hash_key key = { 1, 2 };
static int transfer; /* anything with an address */

/* A Pi's ROM asks for file after file from one port: no two transfers in a row use one socket of ours. */
static void test_turns(void **state) {
        struct tftp_peers *p = tftp_peers_new(key, 4);
        const struct ip_addr pi = ip_from_v4(0x0a4d0005);
        int before = -1;

        (void)state;
        for (unsigned i = 0; i < 100; i++) {
                struct tftp_client *c = tftp_peers_add(p, &pi, 49152);
                int socket = tftp_client_socket(c);
                assert_true(socket >= 0 && socket != before);
                tftp_peers_begin(p, c, (unsigned)socket, &transfer);
                assert_ptr_equal(tftp_peers_find(p, &pi, 49152)->on[socket], &transfer);
                tftp_peers_end(p, c, (unsigned)socket);
                assert_null(tftp_peers_find(p, &pi, 49152)->on[socket]);
                before = socket;
        }
        tftp_peers_free(p);
}

static void test_all_sockets_in_use(void **state) {
        struct tftp_peers *p = tftp_peers_new(key, 4);
        const struct ip_addr a = ip_from_v4(0x0a4d0005);
        struct tftp_client *c = tftp_peers_add(p, &a, 49152);

        (void)state;
        for (unsigned i = 0; i < TFTP_SOCKETS; i++)
                tftp_peers_begin(p, c, (unsigned)tftp_client_socket(c), &transfer);
        assert_int_equal(tftp_client_socket(c), -1);
        tftp_peers_end(p, c, 2);
        assert_int_equal(tftp_client_socket(c), 2);
        tftp_peers_free(p);
}

/* Addresses and ports are told apart; of the idle ones the last few are remembered, with their turn. */
static void test_idle(void **state) {
        struct tftp_peers *p = tftp_peers_new(key, 2);

        (void)state;
        for (uint32_t i = 0; i < 4; i++) {
                const struct ip_addr a = ip_from_v4(0x0a4d0001 + i / 2);
                struct tftp_client *c = tftp_peers_add(p, &a, (uint16_t)(1000 + i % 2));
                tftp_peers_begin(p, c, (unsigned)tftp_client_socket(c), &transfer);
                tftp_peers_end(p, c, 0);
        }
        const struct ip_addr first = ip_from_v4(0x0a4d0001), second = ip_from_v4(0x0a4d0002);
        assert_null(tftp_peers_find(p, &first, 1000));
        assert_null(tftp_peers_find(p, &first, 1001));
        assert_int_equal(tftp_client_socket(tftp_peers_find(p, &second, 1000)), 1);
        assert_int_equal(tftp_client_socket(tftp_peers_find(p, &second, 1001)), 1);

        /* Who is busy is not forgotten, however many fall idle. */
        tftp_peers_begin(p, tftp_peers_find(p, &second, 1000), 1, &transfer);
        for (uint16_t port = 1; port < 100; port++) {
                struct tftp_client *c = tftp_peers_add(p, &first, port);
                tftp_peers_begin(p, c, 0, &transfer);
                tftp_peers_end(p, c, 0);
        }
        assert_non_null(tftp_peers_find(p, &second, 1000));
        assert_null(tftp_peers_find(p, &second, 1001));
        tftp_peers_free(p);
}

static void test_limits(void **state) {
        struct tftp_limits *l = tftp_limits_new(key, 3, 2);
        const struct ip_addr a = ip_from_v4(1), b = ip_from_v4(2), c = ip_from_v4(3);

        (void)state;
        assert_true(tftp_limits_take(l, &a));
        assert_true(tftp_limits_take(l, &a));
        assert_false(tftp_limits_take(l, &a)); /* two a client */
        assert_true(tftp_limits_take(l, &b));
        assert_false(tftp_limits_take(l, &c)); /* three in all */
        tftp_limits_give(l, &a);
        assert_true(tftp_limits_take(l, &c));
        assert_false(tftp_limits_take(l, &a));
        free(l);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_turns),
                cmocka_unit_test(test_all_sockets_in_use),
                cmocka_unit_test(test_idle),
                cmocka_unit_test(test_limits),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
