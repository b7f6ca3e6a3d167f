/* Addresses: text to value and back, and which net holds what. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/addr.h"

static void macs(void **state) {
        static const struct {
                const char *text;
                int result;
                const char *back;
        } rows[] = {
                { "dc:a6:32:01:36:c2", 0, "dc:a6:32:01:36:c2" },
                { "DC-A6-32-01-36-C2", 0, "dc:a6:32:01:36:c2" },
                { "dca6320136c2", 0, "dc:a6:32:01:36:c2" },
                { "dc:a6:32:01:36", -EINVAL, "" },    /* five octets */
                { "dc:a6-32:01:36:c2", -EINVAL, "" }, /* mixed separators */
                { "dc:a6:32:01:36:cg", -EINVAL, "" }, /* no hex digit */
                { "dc.a6.32.01.36.c2", -EINVAL, "" }, /* separator nobody uses */
                { "", -EINVAL, "" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct mac m = { { 9 } };
                char back[MAC_TEXT_SIZE];
                assert_int_equal(mac_parse(rows[i].text, &m), rows[i].result);
                if (rows[i].result == 0)
                        assert_string_equal(mac_text(&m, back), rows[i].back);
                else
                        assert_int_equal(m.octets[0], 9); /* a failed parse writes nothing */
        }
}

static void nets(void **state) {
        static const struct {
                const char *text;
                int result;
                const char *inside, *outside;
        } rows[] = {
                { "10.77.0.0/24", 0, "10.77.0.255", "10.77.1.0" },
                { "10.77.0.128/25", 0, "10.77.0.128", "10.77.0.127" },
                { "0.0.0.0/0", 0, "255.255.255.255", "fd77::1" },
                { "10.77.0.1/32", 0, "10.77.0.1", "10.77.0.2" },
                { "fd77::/64", 0, "fd77::ffff", "fd77:0:0:1::" },
                { "10.77.0.1/24", -EINVAL, NULL, NULL }, /* host bits */
                { "10.77.0.0/33", -EINVAL, NULL, NULL },
                { "10.77.0.0/", -EINVAL, NULL, NULL },
                { "10.77.0.0/2x", -EINVAL, NULL, NULL },
                { "10.77.0.0", -EINVAL, NULL, NULL },
                { "10.77.0/24", -EINVAL, NULL, NULL },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct ip_net net;
                struct ip_addr a;
                char back[IP_NET_TEXT_SIZE];
                assert_int_equal(ip_net_parse(rows[i].text, &net), rows[i].result);
                if (rows[i].result < 0)
                        continue;
                assert_string_equal(ip_net_text(&net, back), rows[i].text);
                assert_int_equal(ip_parse(rows[i].inside, &a), 0);
                assert_true(ip_net_contains(&net, &a));
                assert_int_equal(ip_parse(rows[i].outside, &a), 0);
                assert_false(ip_net_contains(&net, &a));
        }
}

static void host_order(void **state) {
        struct ip_addr a = ip_from_v4(0x0a4d0005);
        char text[IP_TEXT_SIZE];
        (void)state;

        assert_string_equal(ip_text(&a, text), "10.77.0.5");
        assert_int_equal(ip_to_v4(&a), 0x0a4d0005);
        assert_int_equal(ip_net_mask_v4(&(struct ip_net){ .prefix_len = 24 }), 0xffffff00);
        assert_int_equal(ip_net_mask_v4(&(struct ip_net){ .prefix_len = 0 }), 0);
        assert_int_equal(ip_net_mask_v4(&(struct ip_net){ .prefix_len = 32 }), UINT32_MAX);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(macs),
                cmocka_unit_test(nets),
                cmocka_unit_test(host_order),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
