/* What a serving thread sees: who asks, by everything that can tell it, and which snapshot holds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/clock.h"
#include "rack/remember.h"
#include "rack/served.h"
#include "rack/view.h"
#include "rack_world.h"

#define PI4 "dc:a6:32:a7:ed:89"

struct seen {
        struct rack_world *world;
        struct published site;
        struct view_source source;
        struct view *view;
};

static void *take_site(void *s) {
        return site_take(s);
}

static void drop_site(void *s) {
        site_drop(s);
}

static int set_up(void **state) {
        struct seen *s = calloc(1, sizeof(*s));
        assert_non_null(s);
        s->world = rack_world_new();
        published_init(&s->site, take_site, drop_site);
        published_set(&s->site, site_take(s->world->site));
        s->source = (struct view_source){ .site = &s->site,
                                          .presences = s->world->rack.presences,
                                          .served = queue_new(4, sizeof(struct served)),
                                          .http_port = 5248 };
        s->view = view_new(&s->source);
        assert_non_null(s->view);
        *state = s;
        return 0;
}

static int tear_down(void **state) {
        struct seen *s = *state;
        view_free(s->view);
        queue_free(s->source.served);
        published_destroy(&s->site);
        rack_world_free(s->world);
        free(s);
        return 0;
}

static void publish(struct seen *s) {
        published_set(&s->site, site_take(s->world->site));
}

static enum sighting_source who(struct seen *s, uint32_t addr, const char *path, struct boot_ask *ret) {
        return view_who(s->view,
                        &(struct view_peer){ .client = ip_from_v4(addr), .server = ip_from_v4(NET(77, 1)) },
                        path, ret);
}

static void dhcp_knows_best(void **state) {
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        struct seen *s = *state;
        struct boot_ask ask;

        assert_int_equal(rack_world_says(s->world, ETH1, &discover), DHCP4_OFFER);
        assert_int_equal(who(s, NET(77, 10), "b22faaeb/config.txt", &ask), SIGHTING_LEASE);
        assert_int_equal(ask.serial, 0xe5ef6e9d); /* whatever the path says */
        assert_int_equal(ask.client, CLIENT_PI4);
        assert_true(ask.session != 0 && ask.token[0]);
        assert_int_equal(ip_to_v4(&ask.server), NET(77, 1));
        assert_int_equal(ask.http_port, 5248);
}

static void without_dhcp(void **state) {
        static const struct {
                const char *remark;
                uint32_t addr;
                const char *path;
                enum sighting_source source;
                const char *mac; /* NULL: not known */
                uint32_t serial;
                enum boot_client_id client;
        } rows[] = {
                { "a reservation, no lease", NET(77, 60), "config.txt", SIGHTING_RESERVED,
                  "02:00:00:00:00:60", 0, CLIENT_OTHER },
                { "one for a board that is known by its serial", NET(77, 61), "config.txt", SIGHTING_NONE,
                  NULL, 0x10203040, CLIENT_OTHER },
                { "a serial in the path, and its machine's MAC", NET(77, 62), "e5ef6e9d/config.txt",
                  SIGHTING_PATH, PI4, 0xe5ef6e9d, CLIENT_PI_OTHER },
                { "a MAC in the path", NET(77, 62), "pxelinux.cfg/01-52-54-00-77-00-f0", SIGHTING_PATH,
                  "52:54:00:77:00:f0", 0, CLIENT_UBOOT_ARM64 },
                { "a serial that nobody has", NET(77, 62), "01020304/config.txt", SIGHTING_NONE, NULL,
                  0x01020304, CLIENT_PI_OTHER },
                { "nobody", NET(77, 62), "config.txt", SIGHTING_NONE, NULL, 0, CLIENT_OTHER },
        };
        struct seen *s = *state;

        rack_world_register(s->world, &(struct registered){
                                              .name = "a", .mac = "02:00:00:00:00:60", .ip = "10.77.0.60" });
        rack_world_register(s->world,
                            &(struct registered){ .name = "b", .serial = 0x10203040, .ip = "10.77.0.61" });
        publish(s);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct boot_ask ask;
                struct mac mac = {};
                if (rows[i].mac)
                        assert_int_equal(mac_parse(rows[i].mac, &mac), 0);
                enum sighting_source source = who(s, rows[i].addr, rows[i].path, &ask);
                if (source != rows[i].source || !mac_equal(&ask.mac, &mac) || ask.serial != rows[i].serial ||
                    ask.client != rows[i].client)
                        fail_msg("%s: source %d, serial %08x, client %d", rows[i].remark, source, ask.serial,
                                 ask.client);
                assert_int_equal(ip_to_v4(&ask.subnet), NET(77, 0));
                assert_int_equal(ask.session, 0);
        }
}

static void a_restart_forgets_no_address(void **state) {
        struct seen *s = *state;
        struct rack *r = &s->world->rack;
        struct lease leases[] = {
                { .addr = NET(79, 10), .state = LEASE_BOUND, .granted_s = clock_unix_s() - 60 },
                { .addr = NET(79, 11), .state = LEASE_BOUND, .granted_s = clock_unix_s() - 3000 },
                { .addr = NET(79, 12), .state = LEASE_FREE, .granted_s = clock_unix_s() - 60 },
        };
        struct boot_ask ask;

        for (size_t i = 0; i < ARRAY_LEN(leases); i++) {
                leases[i].expires_s = clock_unix_s() + 1000;
                leases[i].client.subnet = 102;
                struct mac mac;
                assert_int_equal(mac_parse(PI4, &mac), 0);
                mac.octets[5] = (uint8_t)(mac.octets[5] + i);
                lease_client_key(&leases[i].client, NULL, 0, &mac);
                assert_int_equal(lease_restore(r->leases, &leases[i]), 0);
        }
        rack_remember(r);
        assert_int_equal(presences_len(r->presences), 1); /* the others are no boots of a moment ago */
        assert_int_equal(who(s, NET(79, 10), "e5ef6e9d/config.txt", &ask), SIGHTING_LEASE);
        assert_string_equal(who_machine(s->world->site, &ask)->name, "pi4-demo");
        assert_int_equal(ask.client, CLIENT_PI_OTHER);
        assert_int_equal(ip_to_v4(&ask.subnet), NET(79, 0));
}

static int open_path(struct seen *s, uint32_t addr, const char *path, const char **why) {
        struct boot_file *file = NULL;
        struct boot_ask ask;

        (void)who(s, addr, path, &ask);
        int answer = view_open(s->view, &ask, path, &file, why);
        if (answer == BOOT_FILE_FOUND)
                boot_file_drop(file);
        return answer;
}

static void a_batch_sees_one_snapshot(void **state) {
        struct seen *s = *state;
        const char *why;

        assert_int_equal(open_path(s, NET(77, 60), "config.txt", &why), BOOT_FILE_MISSING);
        assert_non_null(strstr(why, "unknown=discover"));
        rack_world_register(s->world, &(struct registered){ .name = "new",
                                                            .mac = "02:00:00:00:00:60",
                                                            .serial = 0x10203040,
                                                            .ip = "10.77.0.60",
                                                            .image = "raspios" });
        publish(s);
        assert_int_equal(open_path(s, NET(77, 60), "config.txt", &why),
                         BOOT_FILE_MISSING); /* the same batch */
        view_release(s->view);
        assert_int_equal(open_path(s, NET(77, 60), "config.txt", &why), BOOT_FILE_FOUND);
        assert_int_equal(open_path(s, NET(77, 60), "no-such-file", &why), BOOT_FILE_MISSING);
        assert_string_equal(why, "");
}

static void only_those_who_are_served_are_answered(void **state) {
        static const struct {
                uint32_t addr;
                bool is_served;
        } rows[] = {
                { NET(77, 99), true },  /* any of a subnet that is served */
                { NET(78, 99), true },  /* or proxied */
                { NET(99, 99), false }, /* of nowhere */
        };
        struct seen *s = *state;
        struct boot_ask ask;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                (void)who(s, rows[i].addr, "config.txt", &ask);
                assert_int_equal(view_serves(s->view, &ask), rows[i].is_served);
        }
        (void)who(s, NET(99, 99), "e5ef6e9d/config.txt", &ask);
        assert_true(view_serves(s->view, &ask)); /* a machine of ours, wherever it is */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(dhcp_knows_best),
                TEST(without_dhcp),
                TEST(a_restart_forgets_no_address),
                TEST(a_batch_sees_one_snapshot),
                TEST(only_those_who_are_served_are_answered),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
