/* Which settings of a subnet make sense together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/site/subnet.h"

struct row {
        const char *net;
        enum subnet_dhcp dhcp;
        const char *ranges[3][2];
        const char *gateway, *domain, *option;
        uint16_t mtu;
        const char *complaint; /* NULL: it makes sense */
        const char *remark;
};

static const struct row rows[] = {
        { .net = "10.77.0.0/24", .remark = "nothing but a network" },
        { .net = "10.77.0.0/24",
          .dhcp = SUBNET_DHCP_SERVER,
          .ranges = { { "10.77.0.10", "10.77.0.20" }, { "10.77.0.21", "10.77.0.254" } },
          .gateway = "10.77.0.1",
          .remark = "two ranges side by side" },
        { .net = "fd77::/64", .complaint = "IPv4", .remark = "IPv6 is not served yet" },
        { .net = "10.77.0.0/31", .complaint = "/8 and /30", .remark = "too small" },
        { .net = "10.77.0.0/24",
          .ranges = { { "10.77.0.10", "10.77.1.20" } },
          .complaint = "does not lie",
          .remark = "ends outside" },
        { .net = "10.77.0.0/24",
          .ranges = { { "10.77.0.0", "10.77.0.20" } },
          .complaint = "does not lie",
          .remark = "holds the network's own address" },
        { .net = "10.77.0.0/24",
          .ranges = { { "10.77.0.20", "10.77.0.10" } },
          .complaint = "ends before",
          .remark = "backwards" },
        { .net = "10.77.0.0/24",
          .ranges = { { "10.77.0.10", "10.77.0.20" }, { "10.77.0.20", "10.77.0.30" } },
          .complaint = "overlaps",
          .remark = "one address in both" },
        { .net = "10.77.0.0/24",
          .dhcp = SUBNET_DHCP_PROXY,
          .ranges = { { "10.77.0.10", "10.77.0.20" } },
          .complaint = "proxy",
          .remark = "a proxy has no ranges" },
        { .net = "10.77.0.0/24",
          .gateway = "10.78.0.1",
          .complaint = "gateway 10.78.0.1",
          .remark = "elsewhere" },
        { .net = "10.77.0.0/24",
          .domain = "a..b",
          .complaint = "no domain name",
          .remark = "an empty label" },
        { .net = "10.77.0.0/24", .mtu = 60, .complaint = "MTU", .remark = "less than RFC 791 allows" },
        { .net = "10.77.0.0/24",
          .gateway = "10.77.0.1",
          .option = "3=ip:10.77.0.2",
          .complaint = "gateway",
          .remark = "two answers to one question" },
        { .net = "10.77.0.0/24", .option = "3=ip:10.77.0.2", .remark = "a router by number" },
};

static struct subnet *subnet_of(const struct row *row) {
        struct subnet *s = subnet_new();
        assert_non_null(s);
        assert_int_equal(ip_net_parse(row->net, &s->net), 0);
        s->dhcp = row->dhcp;
        s->mtu = row->mtu;
        for (size_t i = 0; i < ARRAY_LEN(row->ranges) && row->ranges[i][0]; i++) {
                assert_int_equal(ip_parse(row->ranges[i][0], &s->ranges[i].first), 0);
                assert_int_equal(ip_parse(row->ranges[i][1], &s->ranges[i].last), 0);
                s->n_ranges++;
        }
        if (row->gateway)
                assert_int_equal(ip_parse(row->gateway, &s->gateway), 0);
        if (row->domain)
                assert_int_equal(text_copy(s->domain, sizeof(s->domain), row->domain), 0);
        if (row->option)
                assert_int_equal(subnet_option_parse(row->option, &s->options[s->n_options++], NULL), 0);
        return s;
}

static void checks_values(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(subnet_drop_at) struct subnet *s = subnet_of(&rows[i]);
                struct error err = {};
                int r = subnet_check(s, &err);
                if (r != (rows[i].complaint ? -EINVAL : 0) || (r < 0 && !strstr(err.text, rows[i].complaint)))
                        fail_msg("%s: %d \"%s\"", rows[i].remark, r, err.text);
        }
}

static void refuses_an_option_twice(void **state) {
        (void)state;
        CLEANUP(subnet_drop_at) struct subnet *s = subnet_of(&(struct row){ .net = "10.0.0.0/8" });
        assert_int_equal(subnet_option_parse("23=u8:1", &s->options[s->n_options++], NULL), 0);
        assert_int_equal(subnet_option_parse("23=u8:2", &s->options[s->n_options++], NULL), 0);
        assert_int_equal(subnet_check(s, NULL), -EINVAL);
}

static void names_modes_and_policies(void **state) {
        (void)state;
        enum subnet_dhcp mode;
        enum subnet_unknown policy;

        assert_int_equal(subnet_dhcp_parse("proxy", &mode), 0);
        assert_int_equal(mode, SUBNET_DHCP_PROXY);
        assert_int_equal(subnet_dhcp_parse("relay", &mode), -EINVAL);
        assert_string_equal(subnet_dhcp_name(SUBNET_DHCP_OFF), "off");
        assert_int_equal(subnet_unknown_parse("enlist", &policy), 0);
        assert_int_equal(policy, SUBNET_UNKNOWN_ENLIST);
        assert_string_equal(subnet_unknown_name(SUBNET_UNKNOWN_BOOT), "boot");
}

static void lets_in_who_is_on_its_list(void **state) {
        (void)state;
        CLEANUP(subnet_drop_at) struct subnet *s = subnet_of(&(struct row){ .net = "10.0.0.0/8" });
        const uint32_t serial = 0xa1b2c3d4, other = 0xa1b2c3d5;
        struct mac mac = {}, stranger = { { 2 } };
        char text[SUBNET_KEY_TEXT_SIZE];

        s->unknown = SUBNET_UNKNOWN_REFUSE;
        s->allowed = calloc(2, sizeof(s->allowed[0]));
        assert_int_equal(mac_parse("dc:a6:32:01:02:03", &mac), 0);
        assert_int_equal(subnet_unknown_for(s, &mac, &serial), SUBNET_UNKNOWN_REFUSE);
        assert_int_equal(subnet_key_parse("dc:a6:32:01:02:03", &s->allowed[s->n_allowed++]), 0);
        assert_int_equal(subnet_key_parse("10000000a1b2c3d4", &s->allowed[s->n_allowed++]), 0);
        assert_int_equal(subnet_unknown_for(s, &mac, NULL), SUBNET_UNKNOWN_ENLIST);
        assert_int_equal(subnet_unknown_for(s, &stranger, &serial), SUBNET_UNKNOWN_ENLIST);
        assert_int_equal(subnet_unknown_for(s, &stranger, &other), SUBNET_UNKNOWN_REFUSE);
        assert_int_equal(subnet_unknown_for(s, &stranger, NULL), SUBNET_UNKNOWN_REFUSE);

        assert_string_equal(subnet_key_text(&s->allowed[0], text), "dc:a6:32:01:02:03");
        assert_string_equal(subnet_key_text(&s->allowed[1], text), "a1b2c3d4");
        assert_int_equal(subnet_key_parse("a1b2", &s->allowed[1]), -EINVAL);
        assert_int_equal(subnet_key_parse("dc:a6:32", &s->allowed[1]), -EINVAL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(checks_values),
                cmocka_unit_test(refuses_an_option_twice),
                cmocka_unit_test(lets_in_who_is_on_its_list),
                cmocka_unit_test(names_modes_and_policies),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
