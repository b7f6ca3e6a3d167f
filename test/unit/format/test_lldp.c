/* What switches say of themselves. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/lldp.h"

#define HEAD "\x01\x80\xc2\x00\x00\x0e\x00\x11\x22\x33\x44\x55"
#define CHASSIS "\x02\x07\x04\x00\x11\x22\x33\x44\x55"
#define PORT "\x04\x05\x05Gi07"
#define TTL "\x06\x02\x00\x78"
#define VLAN "\xfe\x06\x00\x80\xc2\x01\x00\x0a"
#define END "\x00\x00"
#define FRAME(text) (text), sizeof(text) - 1

static void reads_a_switch(void **state) {
        (void)state;
        struct lldp_neighbour n;

        assert_int_equal(lldp_parse(FRAME(HEAD "\x88\xcc" CHASSIS PORT TTL "\x08\x06port 7"
                                               "\x0a\x04sw\x01"
                                               "1" VLAN END "trailing octets"),
                                    &n),
                         0);
        assert_string_equal(n.chassis, "00:11:22:33:44:55");
        assert_string_equal(n.port, "Gi07");
        assert_string_equal(n.port_description, "port 7");
        assert_string_equal(n.system, "sw?1");
        assert_int_equal(n.vlan, 10);
        assert_int_equal(n.ttl_s, 120);
        /* In a VLAN, and without the end that it should have. */
        assert_int_equal(lldp_parse(FRAME(HEAD "\x81\x00\x00\x05\x88\xcc" CHASSIS PORT TTL), &n), 0);
}

static void refuses_what_is_none(void **state) {
        (void)state;
        struct lldp_neighbour n;

        assert_int_equal(lldp_parse("", 0, &n), -EBADMSG);
        assert_int_equal(lldp_parse(FRAME(HEAD "\x08\x00" CHASSIS PORT TTL END), &n), -EBADMSG);
        assert_int_equal(lldp_parse(FRAME(HEAD "\x88\xcc" CHASSIS PORT END), &n), -EBADMSG);
        assert_int_equal(lldp_parse(FRAME(HEAD "\x88\xcc" CHASSIS TTL END), &n), -EBADMSG);
        assert_int_equal(lldp_parse(FRAME(HEAD "\x88\xcc" CHASSIS PORT TTL "\x0a\xff"
                                               "cut"),
                                    &n),
                         -EBADMSG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_a_switch),
                cmocka_unit_test(refuses_what_is_none),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
