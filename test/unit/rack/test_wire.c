/* What a boot's trail is told of the wire beside the conversation. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "rack/wire.h"
#include "rack_world.h"

#define PI4 "dc:a6:32:a7:ed:89"
#define ROM "b8:27:eb:2f:aa:eb"
#define OTHER_ROM "b8:27:eb:2f:aa:ec"
#define FOREIGN NET(77, 9)

static int set_up(void **state) {
        *state = rack_world_new();
        return 0;
}

static int tear_down(void **state) {
        rack_world_free(*state);
        return 0;
}

static unsigned times_told(struct rack_world *w, const char *mac, const char *line) {
        char story[2048];
        unsigned n = 0;

        for (const char *at = rack_world_story(w, mac, story, sizeof(story)); (at = strstr(at, line)); at++)
                n++;
        return n;
}

static void another_server_offers(void **state) {
        const struct saying pi = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        const struct saying offer = {
                .op = 2, .type = DHCP4_OFFER, .mac = PI4, .yiaddr = NET(77, 77), .server = FOREIGN
        };
        struct rack_world *w = *state;

        rack_world_overhears(w, ETH1, &offer); /* of no boot */
        assert_int_equal(rack_world_says(w, ETH1, &pi), DHCP4_OFFER);
        rack_world_overhears(w, ETH1, &offer);
        rack_world_overhears(w, ETH1, &offer);
        assert_int_equal(times_told(w, PI4, "OFFER|DHCP server 10.77.0.9 offers it 10.77.0.77"), 1);
}

static void another_servers_offer_is_taken(void **state) {
        const struct saying pi = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        const struct saying request = { .type = DHCP4_REQUEST,
                                        .mac = PI4,
                                        .wanted = NET(77, 77),
                                        .server = FOREIGN,
                                        .options = SAYS_PI4_REQUEST(UUID_PI4) };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &pi), DHCP4_OFFER);
        assert_int_equal(rack_world_says(w, ETH1, &request), DHCP4_NONE);
        assert_int_equal(times_told(w, PI4, "REQUEST|it takes what DHCP server 10.77.0.9 offered"), 1);
}

/* Beside another server everybody takes that one's address. */
static void a_proxy_does_not_mind(void **state) {
        const struct saying pi = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        const struct saying offer = {
                .op = 2, .type = DHCP4_OFFER, .mac = PI4, .yiaddr = NET(78, 77), .server = NET(78, 9)
        };
        struct rack_world *w = *state;

        (void)rack_world_says(w, ETH2, &pi);
        rack_world_overhears(w, ETH2, &offer);
        assert_int_equal(times_told(w, PI4, "OFFER|DHCP server"), 0);
}

static void it_looks_for_somebody_else(void **state) {
        const struct saying pi = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        struct rack_world *w = *state;
        struct mac mac;

        assert_int_equal(mac_parse(PI4, &mac), 0);
        rack_hear_arp(&w->rack, &mac, NET(77, 254)); /* of no boot */
        assert_int_equal(rack_world_says(w, ETH1, &pi), DHCP4_OFFER);
        rack_hear_arp(&w->rack, &mac, NET(77, 254));
        rack_hear_arp(&w->rack, &mac, NET(77, 253));
        assert_int_equal(times_told(w, PI4, "ARP|it looks for 10.77.0.254, which is not this server"), 1);
        assert_int_equal(times_told(w, PI4, "ARP|"), 1);
}

/* Once it has files it looks for whom it likes. */
static void a_system_looks_for_anybody(void **state) {
        const struct saying pi = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        struct rack_world *w = *state;
        struct mac mac;

        assert_int_equal(mac_parse(PI4, &mac), 0);
        assert_int_equal(rack_world_says(w, ETH1, &pi), DHCP4_OFFER);
        sessions_find(w->rack.sessions, &mac)->delivered = 1;
        rack_hear_arp(&w->rack, &mac, NET(77, 254));
        assert_int_equal(times_told(w, PI4, "ARP|"), 0);
}

static void two_roms_at_once(void **state) {
        const struct saying one = { .type = DHCP4_DISCOVER, .mac = ROM, .options = SAYS_PI_ROM };
        const struct saying other = { .type = DHCP4_DISCOVER, .mac = OTHER_ROM, .options = SAYS_PI_ROM };
        struct rack_world *w = *state;

        (void)rack_world_says(w, ETH1, &one);
        w->now_ms += 4999;
        (void)rack_world_says(w, ETH1, &other);
        assert_int_equal(times_told(w, ROM, "same xid|the boot ROM of " OTHER_ROM), 1);
        assert_int_equal(times_told(w, OTHER_ROM, "same xid|the boot ROM of " ROM), 1);
}

static void two_roms_one_after_the_other(void **state) {
        const struct saying one = { .type = DHCP4_DISCOVER, .mac = ROM, .options = SAYS_PI_ROM };
        const struct saying other = { .type = DHCP4_DISCOVER, .mac = OTHER_ROM, .options = SAYS_PI_ROM };
        struct rack_world *w = *state;

        (void)rack_world_says(w, ETH1, &one);
        (void)rack_world_says(w, ETH1, &one); /* itself again */
        w->now_ms += 5000;
        (void)rack_world_says(w, ETH1, &other);
        assert_int_equal(times_told(w, ROM, "same xid|"), 0);
        assert_int_equal(times_told(w, OTHER_ROM, "same xid|"), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(another_server_offers, set_up, tear_down),
                cmocka_unit_test_setup_teardown(another_servers_offer_is_taken, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_proxy_does_not_mind, set_up, tear_down),
                cmocka_unit_test_setup_teardown(it_looks_for_somebody_else, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_system_looks_for_anybody, set_up, tear_down),
                cmocka_unit_test_setup_teardown(two_roms_at_once, set_up, tear_down),
                cmocka_unit_test_setup_teardown(two_roms_one_after_the_other, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
