/* After a restart: which boots go on, and under which tokens. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "io/clock.h"
#include "rack/remember.h"
#include "rack/story.h"
#include "rack_world.h"

#define PI4 "dc:a6:32:a7:ed:89"
#define STRANGER "02:00:00:00:00:77"

static struct mac mac_of(const char *text) {
        struct mac mac;
        assert_int_equal(mac_parse(text, &mac), 0);
        return mac;
}

/* What a process that has ended leaves: its trail, its leases and its key. */
static void forget(struct rack *r) {
        const struct hash_key key = { 1, 2 };

        sessions_free(r->sessions);
        presences_free(r->presences);
        r->sessions = sessions_new(key, 64);
        r->presences = presences_new();
        assert_true(r->sessions && r->presences);
}

static const struct presence *presence_at(const struct rack *r, uint32_t addr) {
        struct ip_addr ip = ip_from_v4(addr);
        return presences_find(r->presences, &ip);
}

static void a_boot_goes_on_under_its_tokens(void **state) {
        struct rack_world *w = *state;
        struct rack *r = &w->rack;
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        const struct mac mac = mac_of(PI4);

        assert_int_equal(rack_world_says(w, ETH1, &discover), DHCP4_OFFER);
        const struct boot_ask before = sessions_find(r->sessions, &mac)->ask;
        const struct trail_event volume = {
                .kind = TRAIL_HTTP, .outcome = TRAIL_OK, .octets = 7, .what = "a/boot.img"
        };
        const struct trail_event update = { .at_ms = clock_unix_ms(),
                                            .kind = TRAIL_TFTP,
                                            .outcome = TRAIL_OK,
                                            .octets = 512,
                                            .size = 512,
                                            .what = "00b2c3d4/pieeprom.upd" };
        trail_add(r->trail, before.session, &volume);
        trail_add(r->trail, before.session, &update);
        forget(r);
        rack_remember(r);
        struct session *s = sessions_find(r->sessions, &mac);
        assert_non_null(s);
        assert_int_equal(s->ask.session, before.session);
        assert_int_equal(s->ask.client, CLIENT_PI4);
        assert_true(s->ask.has_ramdisk);
        assert_int_equal(s->eeprom, SESSION_EEPROM_FETCHED);
        assert_string_equal(s->ask.token, before.token);
        assert_string_equal(s->ask.agent_token, before.agent_token);
        assert_string_equal(s->ask.seed_token, before.seed_token);
        assert_false(s->known.is_stranger);
        const struct presence *p = presence_at(r, NET(77, 10));
        assert_non_null(p);
        assert_string_equal(p->ask.agent_token, before.agent_token);
        assert_int_equal(ip_to_v4(&p->ask.subnet), NET(77, 0));

        /* Its firmware's next word begins another boot, whose tokens are others. */
        w->now_ms = clock_now_ms() + 5000;
        assert_int_equal(rack_world_says(w, ETH1, &discover), DHCP4_OFFER);
        assert_true(sessions_find(r->sessions, &mac)->ask.session > before.session);
        assert_string_not_equal(sessions_find(r->sessions, &mac)->ask.agent_token, before.agent_token);
}

static void comes_through(struct trail *t, uint64_t session) {
        trail_finish(t, session, clock_unix_ms());
}

static void only_the_newest_and_unfinished_go_on(void **state) {
        static const struct {
                const char *remark, *mac;
                void (*end)(struct trail *t, uint64_t session); /* how it did; NULL: it goes on */
                bool is_remembered;
        } rows[] = {
                { "under way", "02:00:00:00:01:01", NULL, true },
                { "over", "02:00:00:00:01:02", trail_end, false },
                { "came through", "02:00:00:00:01:03", comes_through, false },
        };
        struct rack_world *w = *state;
        struct rack *r = &w->rack;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct mac mac = mac_of(rows[i].mac);
                /* One before it that nobody ended: a crash had cut it off. */
                (void)trail_begin(r->trail, &mac, "", clock_unix_ms());
                uint64_t id = trail_begin(r->trail, &mac, "", clock_unix_ms());
                if (rows[i].end)
                        rows[i].end(r->trail, id);
        }
        forget(r);
        rack_remember(r);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct mac mac = mac_of(rows[i].mac);
                if ((sessions_find(r->sessions, &mac) != NULL) != rows[i].is_remembered)
                        fail_msg("%s", rows[i].remark);
        }
        assert_int_equal(presences_len(r->presences), 0); /* no address is known of them */
}

static void an_address_that_went_to_somebody_else_is_not_claimed(void **state) {
        struct rack_world *w = *state;
        struct rack *r = &w->rack;
        const struct mac mac = mac_of(STRANGER);
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        const struct ip_addr ip = ip_from_v4(NET(77, 10));

        assert_int_equal(rack_world_says(w, ETH1, &discover), DHCP4_OFFER); /* .10 is the Pi's */
        uint64_t id = trail_begin(r->trail, &mac, "", clock_unix_ms());
        trail_set_ip(r->trail, id, &ip);
        forget(r);
        rack_remember(r);
        assert_non_null(sessions_find(r->sessions, &mac));
        assert_true(mac_equal(&presence_at(r, NET(77, 10))->ask.mac,
                              &(struct mac){ { 0xdc, 0xa6, 0x32, 0xa7, 0xed, 0x89 } }));
}

static int set_up(void **state) {
        *state = rack_world_new();
        return 0;
}

static int tear_down(void **state) {
        rack_world_free(*state);
        return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(a_boot_goes_on_under_its_tokens),
                TEST(only_the_newest_and_unfinished_go_on),
                TEST(an_address_that_went_to_somebody_else_is_not_claimed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
