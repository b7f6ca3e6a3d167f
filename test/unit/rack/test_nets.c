/* Subnets as DHCP needs them: their options in wire form, and which one an address or interface belongs to.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "rack/nets.h"

static void advance(struct site **s, struct subnet *subnet) {
        struct error err = {};
        struct site *next = site_put_subnet(*s, subnet, &err);
        if (!next)
                fail_msg("%s", err.text);
        site_drop(*s);
        *s = next;
        subnet_drop(subnet);
}

static struct subnet *subnet_of(const char *net, enum subnet_dhcp dhcp, const char *interface) {
        struct subnet *s = subnet_new();
        assert_non_null(s);
        assert_int_equal(ip_net_parse(net, &s->net), 0);
        assert_int_equal(text_copy(s->interface, sizeof(s->interface), interface), 0);
        s->dhcp = dhcp;
        return s;
}

static struct ip_addr ip(const char *text) {
        struct ip_addr a;
        assert_int_equal(ip_parse(text, &a), 0);
        return a;
}

static void add_option(struct subnet *s, const char *spelled) {
        struct error err = {};
        if (subnet_option_parse(spelled, &s->options[s->n_options++], &err) < 0)
                fail_msg("%s", err.text);
}

/* One line: "NUMBER=HEX NUMBER=HEX …" */
static void assert_options(const struct net *net, const char *want) {
        CLEANUP(text_free) struct text got = {};
        for (size_t i = 0; i < net->dhcp4.n_options; i++) {
                const struct dhcp4_option *o = &net->dhcp4.options[i];
                char hex[512];
                text_printf(&got, "%s%u=%s", i ? " " : "", o->number, text_hex(o->octets, o->len, hex));
        }
        assert_string_equal(got.octets ? got.octets : "", want);
}

static void options_are_in_wire_form(void **state) {
        struct site *site = site_empty();
        struct subnet *s = subnet_of("10.77.0.0/24", SUBNET_DHCP_SERVER, "eth1");
        (void)state;

        s->gateway = ip("10.77.0.1");
        s->dns[s->n_dns++] = ip("10.77.0.2");
        s->dns[s->n_dns++] = ip("10.77.0.3");
        s->ntp[s->n_ntp++] = ip("10.77.0.4");
        s->mtu = 1400;
        (void)text_copy(s->domain, sizeof(s->domain), "lab");
        (void)text_copy(s->search[s->n_search++], sizeof(s->search[0]), "a.lab");
        (void)text_copy(s->search[s->n_search++], sizeof(s->search[0]), "lab");
        advance(&site, s);

        CLEANUP(nets_free_at) struct nets *n = nets_new(site);
        assert_int_equal(n->n, 1);
        assert_options(&n->items[0], "3=0a4d0001 6=0a4d00020a4d0003 15=6c6162 26=0578 42=0a4d0004 "
                                     "119=0161036c616200036c616200");
        site_drop(site);
}

static void classless_routes_repeat_the_default_route(void **state) {
        static const struct {
                const char *gateway, *want;
        } rows[] = {
                { "10.77.0.1",
                  "3=0a4d0001 121=180a630a0a4d0063000a4d0001" }, /* RFC 3442: 3 is ignored then */
                { NULL, "121=180a630a0a4d0063" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct site *site = site_empty();
                struct subnet *s = subnet_of("10.77.0.0/24", SUBNET_DHCP_SERVER, "eth1");
                if (rows[i].gateway)
                        s->gateway = ip(rows[i].gateway);
                assert_int_equal(ip_net_parse("10.99.10.0/24", &s->routes[0].net), 0);
                s->routes[s->n_routes++].router = ip("10.77.0.99");
                advance(&site, s);
                CLEANUP(nets_free_at) struct nets *n = nets_new(site);
                assert_options(&n->items[0], rows[i].want);
                site_drop(site);
        }
}

static void an_operators_options_follow_ours(void **state) {
        struct site *site = site_empty();
        struct subnet *s = subnet_of("10.77.0.0/24", SUBNET_DHCP_SERVER, "eth1");
        (void)state;

        s->dns[s->n_dns++] = ip("10.77.0.2");
        add_option(s, "3=ip:10.77.0.254");
        add_option(s, "150=ip:10.77.0.9");
        advance(&site, s);
        CLEANUP(nets_free_at) struct nets *n = nets_new(site);
        assert_options(&n->items[0], "6=0a4d0002 3=0a4d00fe 150=0a4d0009");
        site_drop(site);
}

static void an_address_belongs_to_the_narrowest_net(void **state) {
        struct site *site = site_empty();
        (void)state;

        advance(&site, subnet_of("10.77.0.0/16", SUBNET_DHCP_OFF, "eth1"));
        struct subnet *s = subnet_of("10.77.5.0/24", SUBNET_DHCP_SERVER, "eth1");
        s->n_ranges = 1;
        s->ranges[0] = (struct subnet_range){ ip("10.77.5.10"), ip("10.77.5.20") };
        advance(&site, s);
        advance(&site, subnet_of("10.78.0.0/24", SUBNET_DHCP_PROXY, ""));
        CLEANUP(nets_free_at) struct nets *n = nets_new(site);

        assert_int_equal(nets_of(n, 0x0a4d0505)->dhcp4.addr, 0x0a4d0500);
        assert_int_equal(nets_of(n, 0x0a4d0405)->dhcp4.addr, 0x0a4d0000);
        assert_int_equal(nets_of(n, 0x0a4e0005)->dhcp4.mode, DHCP4_PROXY);
        assert_null(nets_of(n, 0x0a4f0005));
        assert_int_equal(nets_on(n, "eth1")->dhcp4.addr, 0x0a4d0500); /* the other one is off */
        assert_null(nets_on(n, "eth2"));
        assert_int_equal(nets_on(n, "eth1")->pool.n_ranges, 1);
        assert_int_equal(nets_on(n, "eth1")->pool.ranges[0].last, 0x0a4d0514);
        site_drop(site);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(options_are_in_wire_form),
                cmocka_unit_test(classless_routes_repeat_the_default_route),
                cmocka_unit_test(an_operators_options_follow_ours),
                cmocka_unit_test(an_address_belongs_to_the_narrowest_net),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
