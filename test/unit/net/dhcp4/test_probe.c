/* Who answers when we ask whether an address is used. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "net/dhcp4/probe.h"

static const struct mac stranger = { { 2, 0, 0, 0, 0, 9 } }, client = { { 2, 0, 0, 0, 0, 1 } };

static struct dhcp4_arp from(const struct mac *mac, uint32_t addr) {
        return (struct dhcp4_arp){ .op = DHCP4_ARP_REPLY, .sender_mac = *mac, .sender = addr };
}

static void hears_a_stranger_once(void **state) {
        struct dhcp4_probes p = {};
        struct dhcp4_arp arp = from(&stranger, 5);
        (void)state;

        assert_true(dhcp4_probes_start(&p, 2, 5, 0));
        assert_false(dhcp4_probes_start(&p, 2, 5, 1)); /* under way */
        assert_true(dhcp4_probes_start(&p, 3, 5, 1));  /* another link, another question */
        assert_true(dhcp4_probes_judge(&p, 2, &arp, 499));
        assert_false(dhcp4_probes_judge(&p, 2, &arp, 499));
        assert_true(dhcp4_probes_judge(&p, 3, &arp, 500));
}

static void silence_is_no_conflict(void **state) {
        struct dhcp4_probes p = {};
        struct dhcp4_arp late = from(&stranger, 5), other = from(&stranger, 6), asks = from(&stranger, 0);
        (void)state;

        assert_true(dhcp4_probes_start(&p, 2, 5, 0));
        asks.target = 5;
        assert_false(dhcp4_probes_judge(&p, 2, &other, 1));
        assert_false(dhcp4_probes_judge(&p, 2, &asks, 1)); /* its new owner asks before it takes it */
        assert_false(dhcp4_probes_judge(&p, 2, &late, DHCP4_PROBE_MS));
        assert_true(dhcp4_probes_start(&p, 2, 5, DHCP4_PROBE_MS));
}

static void its_own_client_may_have_it(void **state) {
        struct dhcp4_probes p = {};
        struct dhcp4_arp hers = from(&client, 5), his = from(&stranger, 5);
        (void)state;

        assert_true(dhcp4_probes_start(&p, 2, 5, 0));
        dhcp4_probes_expect(&p, 2, 5, &client);
        assert_false(dhcp4_probes_judge(&p, 2, &hers, 1));
        assert_true(dhcp4_probes_judge(&p, 2, &his, 2)); /* two have it */
}

static void asks_only_so_many(void **state) {
        struct dhcp4_probes p = {};
        (void)state;
        for (uint32_t addr = 1; addr <= DHCP4_PROBES_MAX; addr++)
                assert_true(dhcp4_probes_start(&p, 2, addr, 0));
        assert_false(dhcp4_probes_start(&p, 2, 1000, 1));
        assert_true(dhcp4_probes_start(&p, 2, 1000, DHCP4_PROBE_MS));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(hears_a_stranger_once),
                cmocka_unit_test(silence_is_no_conflict),
                cmocka_unit_test(its_own_client_may_have_it),
                cmocka_unit_test(asks_only_so_many),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
