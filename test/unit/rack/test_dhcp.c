/* Conversations with a rack: who gets which address and which boot, and what is remembered of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "io/clock.h"
#include "rack/story.h"
#include "rack_world.h"

#define PI4 "dc:a6:32:a7:ed:89" /* pi4-demo of the test's site, as UUID_PI4 says */
#define PC "52:54:00:77:00:6d"  /* pc */
#define STRANGER "02:00:00:00:00:01"
#define STRANGER_TOO "02:00:00:00:00:02"
#define BOARD "dc:a6:32:00:00:77" /* as UUID_TWIN says */
#define TWIN "dc:a6:32:00:00:78"
#define UUID_TWIN "\0RPi4\x12\x31\xc0\x00\x32\x00\x00\x77\xfe\xca\xad\x0b" /* 0badcafe */
#define THEM NET(78, 254)                                                  /* another server */

static int set_up(void **state) {
        *state = rack_world_new();
        return 0;
}

static int tear_down(void **state) {
        rack_world_free(*state);
        return 0;
}

static const struct presence *present(struct rack_world *w, uint32_t addr) {
        struct ip_addr ip = ip_from_v4(addr);
        return presences_find(w->rack.presences, &ip);
}

static const char *option_text(struct rack_world *w, uint8_t number) {
        static char text[512];
        return dhcp4_option_text(&w->reply, number, text, sizeof(text));
}

/* DISCOVER and REQUEST of a system without anything peculiar; its address, or 0. */
static uint32_t lease(struct rack_world *w, size_t link, const char *mac, const struct dhcp4_option *id) {
        struct saying s = { .type = DHCP4_DISCOVER, .mac = mac };
        if (id)
                s.options[0] = *id;
        if (rack_world_says(w, link, &s) != DHCP4_OFFER)
                return 0;
        s.type = DHCP4_REQUEST;
        s.wanted = w->answer.addr;
        assert_true(dhcp4_option_u32(&w->reply, DHCP4_OPTION_SERVER, &s.server));
        return rack_world_says(w, link, &s) == DHCP4_ACK ? w->answer.addr : 0;
}

static void reservations_by_every_key(void **state) {
        static const struct {
                struct registered machine;
                struct saying says;
                uint8_t last;
        } rows[] = {
                { { .name = "by-mac", .mac = STRANGER, .ip = "10.77.0.50" },
                  { .mac = STRANGER, .options = SAYS_SYSTEM },
                  50 },
                { { .name = "by-serial", .serial = 0x10203040, .ip = "10.77.0.51" },
                  { .mac = "dc:a6:32:00:00:77",
                    .options = SAYS_PI4("\0RPi4\x12\x31\xc0\x00\x32\x00\x00\x77\x40\x30\x20\x10") },
                  51 },
                { { .name = "by-uuid",
                    .uuid = "5a1e6b0122334455667788"
                            "99aabbccdd",
                    .ip = "10.77.0.52" },
                  { .mac = "52:54:00:00:00:09", .options = SAYS_UEFI_AMD64(UUID_PC) },
                  52 },
                { { .name = "by-id", .client_id = "00626f617264", .ip = "10.77.0.53" },
                  { .mac = "52:54:00:00:00:0a", .options = { OPTION_TEXT(61, "\0board") } },
                  53 },
        };
        struct rack_world *w = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct saying s = rows[i].says;
                rack_world_register(w, &rows[i].machine);
                s.type = DHCP4_DISCOVER;
                assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
                assert_int_equal(w->answer.addr, NET(77, rows[i].last));
                s.type = DHCP4_REQUEST;
                s.wanted = w->answer.addr;
                s.server = NET(77, 1);
                assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_ACK);
        }
        for (uint32_t last = 10; last <= 12; last++) /* nobody else was given one of these */
                assert_null(lease_find_addr(w->rack.leases, NET(77, last)));
}

static void whatever_a_machine_runs_comes_to_its_address(void **state) {
        static const struct dhcp4_option ids[] = { OPTION_TEXT(61, "\1\xdc\xa6\x32\xa7\xed\x89"),
                                                   OPTION_TEXT(61, "\377\1\2\3\4\0\2\0\0\253\21") };
        const struct saying firmware = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &firmware), DHCP4_OFFER);
        assert_int_equal(w->answer.addr, NET(77, 10));
        assert_int_equal(lease(w, ETH1, PI4, NULL), NET(77, 10));
        assert_int_equal(lease(w, ETH1, PI4, &ids[0]), NET(77, 10)); /* no identity of its own */
        assert_int_equal(lease(w, ETH1, PI4, &ids[1]),
                         NET(77, 11)); /* one of its own, and nothing reserved */

        rack_world_register(w, &(struct registered){ .name = "kept", .mac = STRANGER, .ip = "10.77.0.60" });
        assert_int_equal(lease(w, ETH1, STRANGER, NULL), NET(77, 60));
        assert_int_equal(lease(w, ETH1, STRANGER, &ids[1]), NET(77, 60));
        assert_int_equal(lease(w, ETH1, STRANGER, NULL), NET(77, 60));
}

static void an_address_can_be_reserved_for_who_has_it(void **state) {
        static const struct dhcp4_option id = OPTION_TEXT(61, "\377\1\2\3\4\0\2\0\0\253\21");
        struct rack_world *w = *state;

        uint32_t addr = lease(w, ETH1, STRANGER, &id);
        assert_int_equal(addr, NET(77, 10));
        rack_world_register(w, &(struct registered){ .name = "kept", .mac = STRANGER, .ip = "10.77.0.10" });
        const struct saying renewal = {
                .type = DHCP4_REQUEST, .mac = STRANGER, .ciaddr = addr, .options = { id }
        };
        assert_int_equal(rack_world_says(w, ETH1, &renewal), DHCP4_ACK);
        assert_int_equal(lease(w, ETH1, STRANGER, NULL), addr); /* its firmware, which has no identifier */
        assert_int_equal(lease(w, ETH1, STRANGER_TOO, NULL), NET(77, 11));
}

static void who_is_refused_hears_nothing(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER,
                                  .mac = STRANGER,
                                  .options = SAYS_UEFI_AMD64(UUID_PC) };
        struct rack_world *w = *state;
        char story[512];

        assert_int_equal(rack_world_says(w, ETH4, &s), DHCP4_NONE);
        assert_int_equal(lease_count(w->rack.leases), 0);
        assert_non_null(strstr(rack_world_story(w, STRANGER, story, sizeof(story)),
                               "DISCOVER|no answer: nobody registered it"));
        rack_world_register(w,
                            &(struct registered){ .name = "new", .mac = STRANGER, .image = "debian-amd64" });
        assert_int_equal(rack_world_says(w, ETH4, &s), DHCP4_OFFER); /* at once */
        assert_true(w->reply.siaddr != 0);

        const struct trail_session *t = trail_newest_of(w->rack.trail, "new");
        assert_non_null(t); /* its story goes on under its name */
        assert_int_equal(t->n_events, 2);
        rack_world_delete(w, "new");
        assert_int_equal(rack_world_says(w, ETH4, &s), DHCP4_NONE);
        assert_null(trail_newest_of(w->rack.trail, "new"));
}

static void a_request_without_its_class_is_the_boot_that_asked(void **state) {
        static const struct {
                uint32_t xid;
                bool boots;
        } rows[] = { { 77, true }, { 78, false } /* somebody else, or later */ };
        struct rack_world *w = *state;

        const struct saying discover = {
                .type = DHCP4_DISCOVER, .mac = PI4, .xid = 77, .options = SAYS_PI4(UUID_PI4)
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                assert_int_equal(rack_world_says(w, ETH1, &discover), DHCP4_OFFER);
                assert_non_null(dhcp4_option_find(&w->reply, DHCP4_OPTION_VENDOR));
                const struct saying request = { .type = DHCP4_REQUEST,
                                                .mac = PI4,
                                                .xid = rows[i].xid,
                                                .wanted = w->answer.addr,
                                                .server = NET(77, 1),
                                                .options = { OPTION_TEXT(55, "\1\3\53") } };
                assert_int_equal(rack_world_says(w, ETH1, &request), DHCP4_ACK);
                assert_int_equal(dhcp4_option_find(&w->reply, DHCP4_OPTION_VENDOR) != NULL, rows[i].boots);
        }
}

static void a_boot_rom_keeps_the_address_of_its_offer(void **state) {
        const struct saying s = {
                .type = DHCP4_DISCOVER, .mac = "b8:27:eb:2f:aa:eb", .xid = 0x26f30339, .options = SAYS_PI_ROM
        };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        assert_int_equal(lease_find_addr(w->rack.leases, NET(77, 10))->state, LEASE_BOUND);
        assert_true(w->answer.ticket > 0); /* on disk before it leaves */
        assert_true(w->answer.one_at_a_time && w->answer.wants_arp);
        assert_int_equal(w->answer.way, DHCP4_WAY_BROADCAST);
        assert_int_equal(present(w, NET(77, 10))->ask.client, CLIENT_PI_ROM);
        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        assert_int_equal(w->answer.addr, NET(77, 10));
}

/* RFC 2131 section 4.3.2, by what our memory knows. */
static void requests_of_every_kind(void **state) {
        struct rack_world *w = *state;

        assert_int_equal(lease(w, ETH1, STRANGER, NULL), NET(77, 10));
        const struct {
                struct saying says;
                enum dhcp4_type answer;
        } rows[] = {
                { { .mac = STRANGER, .wanted = NET(77, 10) }, DHCP4_ACK },      /* INIT-REBOOT */
                { { .mac = STRANGER, .ciaddr = NET(77, 10) }, DHCP4_ACK },      /* renewal */
                { { .mac = STRANGER, .wanted = NET(77, 12) }, DHCP4_NAK },      /* not the one it has */
                { { .mac = STRANGER, .wanted = NET(99, 10) }, DHCP4_NAK },      /* it was carried here */
                { { .mac = STRANGER_TOO, .wanted = NET(77, 12) }, DHCP4_NONE }, /* another server's, maybe */
                { { .mac = STRANGER_TOO, .ciaddr = NET(77, 12) }, DHCP4_NONE },
                { { .mac = STRANGER_TOO, .wanted = NET(77, 12), .server = NET(77, 1) },
                  DHCP4_NAK }, /* ours */
                { { .mac = STRANGER_TOO, .wanted = NET(77, 10), .server = NET(77, 1) }, DHCP4_NAK },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct saying s = rows[i].says;
                s.type = DHCP4_REQUEST;
                if (rack_world_says(w, ETH1, &s) != rows[i].answer)
                        fail_msg("row %zu: %s", i, dhcp4_type_name(w->answer.type));
        }
}

static void a_full_pool_is_said_and_changes_nothing(void **state) {
        const struct saying one_more = { .type = DHCP4_DISCOVER,
                                         .mac = PC,
                                         .options = SAYS_UEFI_AMD64(UUID_PC) };
        struct rack_world *w = *state;
        char mac[MAC_TEXT_SIZE], story[256];

        for (int i = 0; i < 3; i++) {
                (void)snprintf(mac, sizeof(mac), "02:00:00:00:01:%02x", (unsigned)i & 0xff);
                assert_int_equal(lease(w, ETH1, mac, NULL), NET(77, 10 + i));
        }
        assert_int_equal(rack_world_says(w, ETH1, &one_more), DHCP4_NONE);
        assert_int_equal(lease_count(w->rack.leases), 3);
        assert_string_equal(rack_world_story(w, PC, story, sizeof(story)),
                            "DISCOVER|no answer: no free address is left in its subnet\n");
}

static void an_offer_that_is_not_taken_is_free_at_once(void **state) {
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        const struct saying taken = { .type = DHCP4_REQUEST,
                                      .mac = PI4,
                                      .wanted = NET(77, 200),
                                      .server = NET(77, 254),
                                      .options = SAYS_PI4(UUID_PI4) };
        const struct saying other = { .type = DHCP4_DISCOVER, .mac = STRANGER, .wanted = NET(77, 10) };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &discover), DHCP4_OFFER);
        assert_int_equal(w->answer.addr, NET(77, 10));
        assert_int_equal(rack_world_says(w, ETH1, &taken), DHCP4_NONE);
        assert_null(present(w, NET(77, 10)));
        assert_int_equal(rack_world_says(w, ETH1, &other), DHCP4_OFFER);
        assert_int_equal(w->answer.addr, NET(77, 10));
        assert_int_equal(w->rack.n_foreign, 1); /* and that one is noted */
}

static void an_address_never_serves_its_last_owners_tree(void **state) {
        const struct saying firmware = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        static const enum dhcp4_type ends[] = { DHCP4_RELEASE, DHCP4_DECLINE };
        struct rack_world *w = *state;

        for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
                assert_int_equal(rack_world_says(w, ETH1, &firmware), DHCP4_OFFER);
                uint32_t addr = lease(w, ETH1, PI4, NULL);
                assert_int_equal(present(w, addr)->ask.client, CLIENT_PI4);
                const struct saying end = { .type = (uint8_t)ends[i],
                                            .mac = PI4,
                                            .ciaddr = ends[i] == DHCP4_RELEASE ? addr : 0,
                                            .wanted = ends[i] == DHCP4_DECLINE ? addr : 0,
                                            .server = NET(77, 1) };
                (void)rack_world_says(w, ETH1, &end);
                assert_null(present(w, addr));
        }

        /* An operating system has taken over an address that firmware had: no session of its own. */
        assert_int_equal(rack_world_says(w, ETH1, &firmware), DHCP4_OFFER);
        uint32_t addr = w->answer.addr;
        const struct saying elsewhere = { .type = DHCP4_REQUEST, .mac = PI4, .wanted = 1, .server = THEM };
        struct mac mac;
        assert_int_equal(mac_parse(PI4, &mac), 0);
        (void)rack_world_says(w, ETH1, &elsewhere);
        struct session *s = sessions_find(w->rack.sessions, &mac);
        s->ask.client_ip = ip_from_v4(addr); /* as if the lease had run out, and not been given back */
        assert_int_equal(presences_set(w->rack.presences, &s->ask), 0);
        struct saying other = { .type = DHCP4_DISCOVER, .mac = STRANGER, .wanted = addr };
        assert_int_equal(rack_world_says(w, ETH1, &other), DHCP4_OFFER);
        assert_int_equal(w->answer.addr, addr);
        other.type = DHCP4_REQUEST;
        other.server = NET(77, 1);
        assert_int_equal(rack_world_says(w, ETH1, &other), DHCP4_ACK);
        assert_null(present(w, addr));
        assert_false(ip_is_set(&s->ask.client_ip));
}

static void a_proxy_learns_who_has_which_address(void **state) {
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        const struct saying taken = { .type = DHCP4_REQUEST,
                                      .mac = PI4,
                                      .wanted = NET(78, 33),
                                      .server = THEM,
                                      .options = SAYS_PI4_REQUEST(UUID_PI4) };
        const struct saying ack = {
                .op = 2, .type = DHCP4_ACK, .mac = PI4, .yiaddr = NET(78, 34), .server = THEM
        };
        const struct saying others = {
                .op = 2, .type = DHCP4_ACK, .mac = STRANGER, .yiaddr = NET(78, 34), .server = THEM
        };
        const struct saying system = { .type = DHCP4_REQUEST,
                                       .mac = PI4,
                                       .wanted = NET(78, 35),
                                       .server = THEM,
                                       .options = SAYS_SYSTEM };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH2, &discover), DHCP4_OFFER);
        assert_int_equal(w->reply.yiaddr, 0);
        assert_null(dhcp4_option_find(&w->reply, DHCP4_OPTION_LEASE_S));
        assert_int_equal(rack_world_says(w, ETH2, &taken), DHCP4_NONE);
        const struct presence *p = present(w, NET(78, 33));
        assert_non_null(p);
        assert_int_equal(p->ask.serial, 0xe5ef6e9d);
        assert_int_equal(ip_to_v4(&p->ask.subnet), NET(78, 0)); /* so that its later stages are a proxy's */
        assert_int_equal(ip_to_v4(&p->ask.server), NET(78, 1));

        rack_world_overhears(w, ETH2, &ack); /* the server's word counts more */
        assert_null(present(w, NET(78, 33)));
        assert_non_null(present(w, NET(78, 34)));
        rack_world_overhears(w, ETH2, &others);
        assert_null(present(w, NET(78, 34)));
        (void)rack_world_says(w, ETH2, &system);
        assert_true(trail_newest_of(w->rack.trail, "pi4-demo")->is_finished);
}

static void a_token_is_of_one_boot(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER, .mac = PC, .options = SAYS_UEFI_HTTP_AMD64 };
        struct rack_world *w = *state;
        char first[BOOT_TOKEN_SIZE];

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        memcpy(first, present(w, w->answer.addr)->ask.token, sizeof(first));
        assert_int_equal(strlen(first), BOOT_TOKEN_SIZE - 1);
        assert_non_null(
                strstr(w->reply.file[0] ? w->reply.file : option_text(w, DHCP4_OPTION_BOOT_FILE), first));
        w->now_ms += 5000;
        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER); /* a retry */
        assert_string_equal(present(w, w->answer.addr)->ask.token, first);
        w->now_ms += 60000;
        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER); /* another boot */
        assert_string_not_equal(present(w, w->answer.addr)->ask.token, first);
}

static void who_was_never_seen_is_supposed_by_what_is_known_of_it(void **state) {
        static const struct {
                const char *remark, *mac, *machine;
                enum boot_client_id client;
        } rows[] = {
                { "a MAC of a Raspberry Pi", "dc:a6:32:00:01:00", NULL, CLIENT_PI_OTHER },
                { "any other", STRANGER, NULL, CLIENT_OTHER },
                { "a machine's board counts more", "2c:cf:67:00:00:05", "pi5-demo", CLIENT_PI5 },
                { "and its image", "52:54:00:77:00:f1", "arm-bare", CLIENT_UBOOT_ARM64 },
        };
        struct rack_world *w = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct machine *m =
                        rows[i].machine ? site_machine_by_name(w->site, rows[i].machine) : NULL;
                struct boot_ask ask;
                struct mac mac;
                assert_int_equal(mac_parse(rows[i].mac, &mac), 0);
                assert_true(rack_ask_for(&w->rack, m, &mac, CLIENT_OTHER, &ask));
                if (ask.client != rows[i].client || !ask.is_supposed)
                        fail_msg("%s: %s", rows[i].remark, boot_client_by_id(ask.client)->name);
        }
}

static void our_own_address_is_given_to_nobody(void **state) {
        struct rack_world *w = *state;

        rack_world_register(w, &(struct registered){ .name = "greedy", .mac = STRANGER, .ip = "10.77.0.1" });
        assert_int_equal(lease(w, ETH1, STRANGER, NULL), NET(77, 10));
}

static void two_subnets_of_one_interface(void **state) {
        struct rack_world *w = *state;

        rack_world_register(w, &(struct registered){ .name = "kept", .mac = STRANGER, .ip = "10.81.0.50" });
        assert_int_equal(lease(w, ETH3, STRANGER, NULL), NET(81, 50));
        assert_int_equal(lease(w, ETH3, "02:00:00:00:01:01", NULL), NET(80, 10));
        assert_int_equal(lease(w, ETH3, "02:00:00:00:01:02", NULL), NET(81, 10)); /* the first is full */
        assert_int_equal(lease(w, ETH3, "02:00:00:00:01:02", NULL), NET(81, 10)); /* where its lease is */
        assert_int_equal(lease(w, ETH3, "02:00:00:00:01:03", NULL), 0);
        const struct saying reboot = { .type = DHCP4_REQUEST,
                                       .mac = "02:00:00:00:01:02",
                                       .wanted = NET(81, 10) };
        assert_int_equal(rack_world_says(w, ETH3, &reboot), DHCP4_ACK);
}

/* Whoever got its address there renews with us there: the one that its own subnet has. */
static void each_subnet_of_an_interface_names_its_own_server(void **state) {
        static const struct {
                const char *mac;
                uint32_t addr, server;
        } rows[] = {
                { "02:00:00:00:01:01", NET(80, 10), NET(80, 1) },
                { "02:00:00:00:01:02", NET(81, 10), NET(81, 1) },
        };
        struct rack_world *w = *state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint32_t server = 0;
                assert_int_equal(lease(w, ETH3, rows[i].mac, NULL), rows[i].addr);
                assert_true(dhcp4_option_u32(&w->reply, DHCP4_OPTION_SERVER, &server));
                assert_int_equal(server, rows[i].server);
                assert_int_equal(w->answer.src, rows[i].server);
        }
        /* Who names the other is one of ours all the same: no other server's client, and told no where it
         * errs. */
        const struct saying mixed = {
                .type = DHCP4_REQUEST, .mac = "02:00:00:00:01:02", .wanted = NET(81, 10), .server = NET(80, 1)
        };
        assert_int_equal(rack_world_says(w, ETH3, &mixed), DHCP4_ACK);
        assert_int_equal(w->rack.n_foreign, 0);
}

static void a_boot_in_the_second_subnet_comes_from_our_address_there(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER, .mac = PC, .options = SAYS_UEFI_AMD64(UUID_PC) };
        struct rack_world *w = *state;

        assert_int_equal(lease(w, ETH3, STRANGER, NULL), NET(80, 10));
        assert_int_equal(rack_world_says(w, ETH3, &s), DHCP4_OFFER);
        assert_int_equal(w->answer.addr, NET(81, 10));
        assert_int_equal(w->reply.siaddr, NET(81, 1));
        assert_int_equal(ip_to_v4(&present(w, NET(81, 10))->ask.server), NET(81, 1)); /* and all URLs */
}

static void behind_a_relay(void **state) {
        const struct saying s = {
                .type = DHCP4_DISCOVER, .mac = PC, .giaddr = NET(79, 1), .options = SAYS_UEFI_AMD64(UUID_PC)
        };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        assert_int_equal(w->answer.addr, NET(79, 10));
        assert_int_equal(w->answer.way, DHCP4_WAY_UDP);
        assert_int_equal(w->answer.dst, NET(79, 1));
        assert_int_equal(w->reply.siaddr, NET(77, 1)); /* where its relay reaches us */
        const struct saying renewal = { .type = DHCP4_REQUEST, .mac = PC, .ciaddr = NET(79, 10) };
        assert_int_equal(lease_find_addr(w->rack.leases, NET(79, 10))->state, LEASE_OFFERED);
        const struct saying request = { .type = DHCP4_REQUEST,
                                        .mac = PC,
                                        .giaddr = NET(79, 1),
                                        .wanted = NET(79, 10),
                                        .server = NET(77, 1) };
        assert_int_equal(rack_world_says(w, ETH1, &request), DHCP4_ACK);
        assert_int_equal(rack_world_says(w, ETH1, &renewal), DHCP4_ACK); /* it comes straight, routed */
        assert_int_equal(w->answer.dst, NET(79, 10));
}

static void a_disk_that_is_full_means_silence(void **state) {
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = STRANGER };
        struct rack_world *w = *state;
        struct lease l = {
                .addr = 1, .state = LEASE_BOUND, .client.key_len = 1, .granted_s = 1, .expires_s = 2
        };
        struct rlimit before, small;

        assert_int_equal(lease(w, ETH1, PI4, NULL), NET(77, 10));
        (void)signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        small = before;
        small.rlim_cur = 1 << 20;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        for (int i = 0; !lease_journal_failure(w->rack.journal) && i < 1000000; i++)
                if (!lease_journal_append(w->rack.journal, &l))
                        (void)poll(NULL, 0, 1);
        assert_true(lease_journal_failure(w->rack.journal) < 0);

        const struct saying renewal = { .type = DHCP4_REQUEST, .mac = PI4, .ciaddr = NET(77, 10) };
        assert_int_equal(rack_world_says(w, ETH1, &discover), DHCP4_NONE);
        assert_int_equal(rack_world_says(w, ETH1, &renewal), DHCP4_NONE);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void what_does_not_fit_is_noted_once(void **state) {
        /* option 97 names another MAC; and its serial is registered for another machine */
        const struct saying s = { .type = DHCP4_DISCOVER,
                                  .mac = "2c:cf:67:00:00:05",
                                  .options = SAYS_PI4(UUID_PI4) };
        struct rack_world *w = *state;
        char story[1024];

        for (int i = 0; i < 3; i++)
                assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        rack_world_story(w, s.mac, story, sizeof(story));
        const char *mac = strstr(story, "option 97 names another MAC"),
                   *serial = strstr(story, TRAIL_IDENTITY "|serial e5ef6e9d");
        assert_non_null(mac);
        assert_non_null(serial);
        assert_null(strstr(mac + 1, "option 97 names another MAC"));
        assert_null(strstr(serial + 1, TRAIL_IDENTITY));
}

/* Whoever speaks second is asked who it is; so is the first, once it speaks again. */
static void two_boards_with_one_serial_are_told(void **state) {
        const struct saying first = { .type = DHCP4_DISCOVER, .mac = BOARD, .options = SAYS_PI4(UUID_TWIN) },
                            second = { .type = DHCP4_DISCOVER, .mac = TWIN, .options = SAYS_PI4(UUID_TWIN) };
        struct rack_world *w = *state;
        char story[1024];

        for (int i = 0; i < 2; i++)
                (void)rack_world_says(w, ETH1, &first);
        assert_null(strstr(rack_world_story(w, BOARD, story, sizeof(story)), TRAIL_IDENTITY));
        for (int i = 0; i < 2; i++)
                (void)rack_world_says(w, ETH1, &second);
        const char *told = strstr(rack_world_story(w, TWIN, story, sizeof(story)),
                                  TRAIL_IDENTITY "|" BOARD " says serial 0badcafe as well");
        assert_non_null(told);
        assert_null(strstr(told + 1, TRAIL_IDENTITY));
        (void)rack_world_says(w, ETH1, &first);
        assert_non_null(strstr(rack_world_story(w, BOARD, story, sizeof(story)),
                               TRAIL_IDENTITY "|" TWIN " says serial 0badcafe as well"));
}

static void nobodys_message_is_in_nobodys_story(void **state) {
        const struct saying reply = {
                .op = 2, .type = DHCP4_OFFER, .mac = PC, .options = SAYS_UEFI_AMD64(UUID_PC)
        };
        const struct saying release = {
                .type = DHCP4_RELEASE, .mac = PC, .ciaddr = NET(77, 10), .options = SAYS_UEFI_AMD64(UUID_PC)
        };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &reply), DHCP4_NONE);
        assert_int_equal(rack_world_says(w, ETH1, &release), DHCP4_NONE);
        assert_null(sessions_spare(w->rack.sessions));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(reservations_by_every_key),
                TEST(whatever_a_machine_runs_comes_to_its_address),
                TEST(an_address_can_be_reserved_for_who_has_it),
                TEST(who_is_refused_hears_nothing),
                TEST(a_request_without_its_class_is_the_boot_that_asked),
                TEST(a_boot_rom_keeps_the_address_of_its_offer),
                TEST(requests_of_every_kind),
                TEST(a_full_pool_is_said_and_changes_nothing),
                TEST(an_offer_that_is_not_taken_is_free_at_once),
                TEST(an_address_never_serves_its_last_owners_tree),
                TEST(a_proxy_learns_who_has_which_address),
                TEST(a_token_is_of_one_boot),
                TEST(who_was_never_seen_is_supposed_by_what_is_known_of_it),
                TEST(our_own_address_is_given_to_nobody),
                TEST(two_subnets_of_one_interface),
                TEST(each_subnet_of_an_interface_names_its_own_server),
                TEST(a_boot_in_the_second_subnet_comes_from_our_address_there),
                TEST(behind_a_relay),
                TEST(a_disk_that_is_full_means_silence),
                TEST(what_does_not_fit_is_noted_once),
                TEST(two_boards_with_one_serial_are_told),
                TEST(nobodys_message_is_in_nobodys_story),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
