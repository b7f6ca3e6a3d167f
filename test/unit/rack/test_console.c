/* Consoles that are heard: whose boot they are of, and how much of them is kept. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rack_world.h"

#define PI4 "dc:a6:32:a7:ed:89" /* registered as pi4-demo */
#define STRANGER "dc:a6:32:00:00:77"

#define MADE_UP 0xa9fe0101u
#define LEASED NET(77, 10)

static int set_up(void **state) {
        *state = rack_world_new();
        return 0;
}

static int tear_down(void **state) {
        rack_world_free(*state);
        return 0;
}

static void hear_on(struct rack_world *w, unsigned ifindex, const char *mac, uint32_t src, const char *text) {
        struct netconsole_datagram d = { .src = src, .text = text, .len = strlen(text) };

        assert_int_equal(mac_parse(mac, &d.mac), 0);
        rack_hear_console(&w->rack, ifindex, &d, w->now_ms);
}

static void hear(struct rack_world *w, const char *mac, uint32_t src, const char *text) {
        hear_on(w, w->rack.links[ETH1].ifindex, mac, src, text);
}

static void assert_story(struct rack_world *w, const char *mac, const char *want) {
        char story[4096];
        assert_string_equal(rack_world_story(w, mac, story, sizeof(story)), want);
}

static struct session *session_of(struct rack_world *w, const char *mac) {
        struct mac m;
        assert_int_equal(mac_parse(mac, &m), 0);
        return sessions_find(w->rack.sessions, &m);
}

/* Before its first DISCOVER, from an address that it made up; both are one boot. */
static void firmware_begins_a_boot(void **state) {
        const struct saying pi = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        struct rack_world *w = *state;

        hear(w, PI4, MADE_UP, "Boot mode: ");
        hear(w, PI4, MADE_UP, "NETWORK (02) order f\n");
        assert_story(w, PI4, "Boot mode: NETWORK (02) order f|\n");
        assert_string_equal(trail_newest_of(w->rack.trail, "pi4-demo")->machine, "pi4-demo");
        uint64_t boot = session_of(w, PI4)->ask.session;
        assert_int_equal(rack_world_says(w, ETH1, &pi), DHCP4_OFFER);
        assert_int_equal(session_of(w, PI4)->ask.session, boot);
        assert_int_equal(session_of(w, PI4)->first_client, CLIENT_PI4);
        assert_false(session_of(w, PI4)->is_by_console);
}

static void strangers_and_other_links_are_not_heard(void **state) {
        struct rack_world *w = *state;

        hear(w, STRANGER, MADE_UP, "hello\n");
        assert_null(session_of(w, STRANGER));
        hear_on(w, 4711, PI4, MADE_UP, "hello\n");
        assert_null(session_of(w, PI4));
}

/* A system says on and on what concerns its boot; it begins none. */
static void a_system_belongs_to_its_boot(void **state) {
        const struct saying pi = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        struct rack_world *w = *state;
        struct mac mac;

        hear(w, PI4, LEASED, "[    1.0] of no boot\n");
        assert_null(session_of(w, PI4));
        assert_int_equal(rack_world_says(w, ETH1, &pi), DHCP4_OFFER);
        session_of(w, PI4)->is_finished = true;
        hear(w, PI4, LEASED, "6,416,1758426,-;eth0: link is up\n");
        assert_int_equal(mac_parse(PI4, &mac), 0);
        const struct trail_session *s = trail_newest(w->rack.trail, &mac);
        assert_string_equal(s->events[s->n_events - 1].what, "eth0: link is up");
        assert_int_equal(s->events[s->n_events - 1].kind, TRAIL_CONSOLE);
        assert_int_equal(s->id, session_of(w, PI4)->ask.session);

        sessions_remove(w->rack.sessions, session_of(w, PI4)); /* long after its boot */
        hear(w, PI4, LEASED, "6,417,9758426,-;usb 1-1: new device\n");
        s = trail_newest(w->rack.trail, &mac);
        assert_string_equal(s->events[s->n_events - 1].what, "usb 1-1: new device");
}

static unsigned count_lines(struct rack_world *w, const char *part) {
        struct mac mac;
        unsigned n = 0;

        assert_int_equal(mac_parse(PI4, &mac), 0);
        const struct trail_session *s = trail_newest(w->rack.trail, &mac);
        for (size_t i = 0; i < s->n_events; i++)
                n += s->events[i].kind == TRAIL_CONSOLE && strstr(s->events[i].what, part);
        return n;
}

/* Of a flood the first lines are kept, and what it ends with. */
static void a_flood_is_bounded(void **state) {
        struct rack_world *w = *state;

        for (int i = 0; i < 3000; i++)
                hear(w, PI4, MADE_UP, "one more line\n");
        for (int i = 0; i < 30; i++)
                hear(w, PI4, MADE_UP, "Kernel panic - not syncing\n");
        assert_int_equal(count_lines(w, "one more line"), 250);
        assert_int_equal(count_lines(w, "is not kept"), 1);
        assert_int_equal(count_lines(w, "Kernel panic"), 20);
}

static void what_has_no_end_is_a_line_after_a_second(void **state) {
        struct rack_world *w = *state;

        hear(w, PI4, MADE_UP, "Loading: ");
        rack_end_lines(&w->rack, w->now_ms);
        assert_story(w, PI4, "");
        rack_end_lines(&w->rack, w->now_ms + 1000);
        assert_story(w, PI4, "Loading:|\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(firmware_begins_a_boot, set_up, tear_down),
                cmocka_unit_test_setup_teardown(strangers_and_other_links_are_not_heard, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_system_belongs_to_its_boot, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_flood_is_bounded, set_up, tear_down),
                cmocka_unit_test_setup_teardown(what_has_no_end_is_a_line_after_a_second, set_up, tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
