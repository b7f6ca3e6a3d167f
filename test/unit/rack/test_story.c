/* What the trail is told of files and of silence. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/trail/doctor/doctor.h"
#include "io/clock.h"
#include "rack/notice.h"
#include "rack/story.h"
#include "rack_world.h"

#define PC "52:54:00:77:00:6d"
#define PI4 "dc:a6:32:a7:ed:89"

static int set_up(void **state) {
        *state = rack_world_new();
        return 0;
}

static int tear_down(void **state) {
        rack_world_free(*state);
        return 0;
}

static struct session *session_of(struct rack_world *w, const char *mac) {
        struct mac m;
        assert_int_equal(mac_parse(mac, &m), 0);
        return sessions_find(w->rack.sessions, &m);
}

/* A file as a TFTP worker reports it; @session 0: it knows none. */
static struct served report(const struct rack_world *w, const char *mac, uint64_t session, const char *path,
                            bool is_whole) {
        struct served s = {
                .kind = TRAIL_TFTP,
                .outcome = is_whole ? TRAIL_OK : TRAIL_MISS,
                .ip = ip_from_v4(NET(77, 99)),
                .source = SIGHTING_NEIGHBOUR,
                .client = CLIENT_PI_OTHER,
                .session = session,
                .start_ms = w->now_ms,
                .end_ms = w->now_ms,
                .octets = is_whole ? 1000 : 0,
                .is_whole = is_whole,
        };
        if (mac)
                assert_int_equal(mac_parse(mac, &s.mac), 0);
        (void)snprintf(s.path, sizeof(s.path), "%s", path);
        return s;
}

static void serve(struct rack_world *w, const char *mac, uint64_t session, const char *path, bool is_whole) {
        const struct served s = report(w, mac, session, path, is_whole);
        rack_tell_served(&w->rack, &s, w->now_ms);
}

/* ---- what the doctor makes of what is left behind ---- */

struct boots {
        const struct trail_session *newest_first[DOCTOR_BOOTS_MAX];
        size_t n;
};

static int take_boot(void *ctx, const struct trail_session *s) {
        struct boots *b = ctx;

        b->newest_first[b->n++] = s;
        return b->n == DOCTOR_BOOTS_MAX;
}

static void assert_found(struct rack_world *w, int64_t later_ms, const char *want, const char *summary) {
        const struct doctor_facts facts = { .now_ms = clock_unix_ms() + later_ms, .machine = "pi4-demo" };
        struct boots boots = {};
        struct doctor_report report;

        (void)trail_each(w->rack.trail, take_boot, &boots);
        doctor_examine(boots.newest_first, boots.n, &facts, &report);
        if (report.n_findings != 1 || strcmp(report.findings[0].sign->id, want) != 0)
                fail_msg("%zu findings, %s: %s", report.n_findings,
                         report.n_findings ? report.findings[0].sign->id : "", report.summary);
        if (strncmp(report.summary, summary, strlen(summary)) != 0)
                fail_msg("%s", report.summary);
}

enum { LARGE = 2 << 20 };

/* A Pi 4 asks, and fetches one large file. */
static void boots_with(struct rack_world *w, const char *path) {
        struct saying s = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        s.type = DHCP4_REQUEST;
        s.wanted = w->answer.addr;
        s.server = NET(77, 1);
        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_ACK);
        struct served file = report(w, PI4, session_of(w, PI4)->ask.session, path, true);
        file.client = CLIENT_PI4;
        file.octets = file.size = LARGE;
        rack_tell_served(&w->rack, &file, w->now_ms);
}

static void a_silent_system_is_named_when_its_boot_is_history(void **state) {
        enum { HISTORY_MS = 15 * 60 * 1000 };
        struct rack_world *w = *state;

        boots_with(w, "e5ef6e9d/kernel8.img");
        w->now_ms += HISTORY_MS;
        rack_tell_silence(&w->rack, w->now_ms);
        assert_null(session_of(w, PI4));
        assert_found(w, HISTORY_MS, "no-network", "Its last boot stopped after");
}

static void a_silent_system_is_named_when_another_boot_begins(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        struct rack_world *w = *state;

        boots_with(w, "e5ef6e9d/kernel8.img");
        const uint64_t first = session_of(w, PI4)->ask.session;
        w->now_ms += 20000;
        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        assert_int_not_equal(session_of(w, PI4)->ask.session, first);
        assert_true(trail_find(w->rack.trail, first)->is_over);
        assert_found(w, 0, "no-network", "Its last boot stopped after");
}

/* Its firmware tries again after five seconds, and each try is a boot of its own. */
static void a_wrong_key_is_named_at_its_second_try(void **state) {
        struct rack_world *w = *state;

        boots_with(w, "e5ef6e9d/boot.img");
        const uint64_t first = session_of(w, PI4)->ask.session;
        w->now_ms += 5000;
        boots_with(w, "e5ef6e9d/boot.img");
        assert_int_not_equal(session_of(w, PI4)->ask.session, first);
        assert_found(w, 1000, "signed-boot", "A boot is under way");
}

static void assert_told(struct rack_world *w, const char *mac, const char *part, bool is_there) {
        char story[2048];
        if ((strstr(rack_world_story(w, mac, story, sizeof(story)), part) != NULL) != is_there)
                fail_msg("%s: %s", part, story);
}

/* Reports are heard in batches, but never after what the client said later. */
static void a_file_comes_before_the_next_message(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER, .mac = PC, .options = SAYS_UEFI_AMD64(UUID_PC) };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        const struct served waits = report(w, PC, session_of(w, PC)->ask.session, "shimx64.efi.signed", true);
        assert_true(queue_send(w->rack.served, &waits));
        assert_int_equal(session_of(w, PC)->delivered, 0);
        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        assert_told(w, PC, "shimx64.efi.signed", true);
}

static void a_kernel_that_grub_refused(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER, .mac = PC, .options = SAYS_UEFI_AMD64(UUID_PC) };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        uint64_t session = session_of(w, PC)->ask.session;
        serve(w, PC, session, "shimx64.efi.signed", true);
        serve(w, PC, session, "vmlinuz-amd64", true);
        assert_told(w, PC, "Secure Boot", false);
        serve(w, PC, session, BOOT_KERNEL_REFUSED, false);
        assert_told(w, PC, "GRUB refused the kernel|with Secure Boot on it must be signed", true);
}

static void a_loader_that_the_firmware_refused(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER, .mac = PC, .options = SAYS_UEFI_HTTP_AMD64 };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        serve(w, PC, session_of(w, PC)->ask.session, "pc.efi", true);
        w->now_ms += 59000;
        rack_tell_silence(&w->rack, w->now_ms);
        assert_told(w, PC, "refused", false);
        w->now_ms += 1000;
        rack_tell_silence(&w->rack, w->now_ms);
        assert_told(w, PC,
                    "nothing followed pc.efi, which was fetched whole|with Secure Boot on the firmware "
                    "refused it",
                    true);
        w->now_ms += 15 * 60 * 1000;
        rack_tell_silence(&w->rack, w->now_ms);
        assert_null(session_of(w, PC)); /* by now it is history */
        assert_int_equal(presences_len(w->rack.presences), 0);
        assert_true(trail_newest_of(w->rack.trail, "pc")->is_over);
        assert_false(trail_newest_of(w->rack.trail, "pc")->is_finished);
}

static void the_next_way_to_boot_shows_a_refusal(void **state) {
        struct saying s = { .type = DHCP4_DISCOVER, .mac = PC, .options = SAYS_UEFI_AMD64(UUID_PC) };
        const struct saying next = { .type = DHCP4_DISCOVER, .mac = PC, .options = SAYS_UEFI_HTTP_AMD64 };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        char loader[REFUSAL_LOADER_SIZE];
        (void)snprintf(loader, sizeof(loader), "%s", session_of(w, PC)->refusal.loader);
        serve(w, PC, session_of(w, PC)->ask.session, loader, true);
        s.type = DHCP4_RELEASE; /* EDK2 gives its address back before it starts a program */
        s.ciaddr = w->answer.addr;
        (void)rack_world_says(w, ETH1, &s);
        w->now_ms += 700;
        assert_int_equal(rack_world_says(w, ETH1, &next), DHCP4_OFFER);
        assert_told(w, PC, "goes on to its next way to boot|with Secure Boot", true);
}

static void a_client_without_dhcp(void **state) {
        struct rack_world *w = *state;
        const struct sighting *seen;

        serve(w, PI4, 0, "e5ef6e9d/config.txt", true);
        struct session *s = session_of(w, PI4);
        assert_non_null(s);
        uint64_t first = s->ask.session;
        assert_string_equal(trail_find(w->rack.trail, first)->machine, "pi4-demo");
        assert_told(w, PI4, "e5ef6e9d/config.txt", true);
        seen = sightings_find(w->rack.sightings, &s->ask.mac);
        assert_int_equal(seen->source, SIGHTING_NEIGHBOUR);
        assert_int_equal(ip_to_v4(&seen->ip), NET(77, 99));

        for (int i = 0; i < 2000; i++) /* 2 MB: no pause between files is another boot */
                serve(w, PI4, 0, "e5ef6e9d/kernel8.img", true);
        w->now_ms += 5000;
        serve(w, PI4, 0, "e5ef6e9d/initramfs8", true);
        assert_int_equal(session_of(w, PI4)->ask.session, first);
        w->now_ms += 60000;
        serve(w, PI4, 0, "e5ef6e9d/config.txt", true);
        assert_int_not_equal(session_of(w, PI4)->ask.session, first);
}

static void nobody_knows_who_it_is(void **state) {
        struct rack_world *w = *state;

        serve(w, NULL, 0, "config.txt", false);
        assert_null(sessions_spare(w->rack.sessions));
        assert_int_equal(trail_sequence(w->rack.trail), 0);
}

static void what_ended_meanwhile_is_told_to_its_own_boot(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER, .mac = PC, .options = SAYS_UEFI_AMD64(UUID_PC) };
        struct rack_world *w = *state;

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        uint64_t first = session_of(w, PC)->ask.session;
        w->now_ms += 61000;
        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        serve(w, PC, first, "late", true);
        assert_int_equal(trail_find(w->rack.trail, first)->n_events, 2);
        assert_int_equal(session_of(w, PC)->delivered, 0);
}

static void a_path_of_another_machine_is_noted_once(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        struct rack_world *w = *state;
        char story[2048];

        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        for (int i = 0; i < 3; i++)
                serve(w, PI4, session_of(w, PI4)->ask.session, "b22faaeb/config.txt", true);
        const char *at = strstr(rack_world_story(w, PI4, story, sizeof(story)),
                                TRAIL_IDENTITY "|it asks for files of serial b22faaeb: ");
        assert_non_null(at);
        assert_null(strstr(at + 1, TRAIL_IDENTITY));
}

/* A flood of made-up MACs fills no log, and no machine that somebody registered goes unsaid. */
static void strangers_fill_no_log(void **state) {
        struct rack_world *w = *state;
        const struct machine known = { .name = "known" };
        unsigned n_said = 0;

        for (unsigned i = 0; i < 1000; i++) {
                n_said += rack_may_log(&w->rack, NULL, 5000 + i);
                assert_true(rack_may_log(&w->rack, &known, 5000 + i));
        }
        assert_in_range(n_said, 1, 100);
        assert_true(rack_may_log(&w->rack, NULL, 6000)); /* the next second has room again */
}

/* Firmware that asks for its boot, as anybody can say with any MAC. */
static enum dhcp4_type discovers(struct rack_world *w, size_t link, const char *mac) {
        const struct saying s = { .type = DHCP4_DISCOVER, .mac = mac, .options = SAYS_UEFI_AMD64(UUID_PC) };
        return rack_world_says(w, link, &s);
}

static void flood(struct rack_world *w, unsigned n) {
        char mac[MAC_TEXT_SIZE];

        for (unsigned i = 0; i < n; i++) {
                (void)snprintf(mac, sizeof(mac), "02:f1:00:d0:%02x:%02x", i >> 8, i & 0xff);
                (void)discovers(w, ETH1, mac);
        }
}

static void is_known(struct rack_world *w) {
        assert_int_equal(discovers(w, ETH1, PC), DHCP4_OFFER); /* pc, which is registered */
}

static void takes_an_address(struct rack_world *w) {
        struct saying s = { .type = DHCP4_REQUEST,
                            .mac = "02:00:00:00:00:0a",
                            .options = SAYS_UEFI_AMD64(UUID_PC) };

        assert_int_equal(discovers(w, ETH1, s.mac), DHCP4_OFFER);
        s.wanted = w->answer.addr;
        s.server = NET(77, 1);
        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_ACK);
}

static void takes_a_file(struct rack_world *w) {
        serve(w, "02:00:00:00:00:0f", 0, "config.txt", true);
}

static void asks_for_a_file(struct rack_world *w) {
        serve(w, "02:00:00:00:00:00", 0, "config.txt", false);
}

static void is_given_an_address_by_another(struct rack_world *w) {
        const struct saying ack = { .op = 2,
                                    .type = DHCP4_ACK,
                                    .mac = "02:00:00:00:00:0b",
                                    .yiaddr = NET(78, 34),
                                    .server = NET(78, 254) };
        (void)discovers(w, ETH2, ack.mac);
        rack_world_overhears(w, ETH2, &ack);
}

static void says_that_another_gave_it_one(struct rack_world *w) {
        const struct saying s = { .type = DHCP4_REQUEST,
                                  .mac = "02:00:00:00:00:0c",
                                  .wanted = NET(78, 35),
                                  .server = NET(78, 254),
                                  .options = SAYS_UEFI_AMD64(UUID_PC) };
        (void)discovers(w, ETH2, s.mac);
        (void)rack_world_says(w, ETH2, &s);
}

/* Thousands of made-up MACs cost no board its boot that is registered, or that took what it was offered. */
static void strangers_cost_nobody_their_boot(void **state) {
        static const struct {
                void (*fn)(struct rack_world *w);
                const char *mac;
                bool is_kept;
        } rows[] = {
                { is_known, PC, true },
                { takes_an_address, "02:00:00:00:00:0a", true },
                { takes_a_file, "02:00:00:00:00:0f", true },
                { asks_for_a_file, "02:00:00:00:00:00", false }, /* and there was none */
                { is_given_an_address_by_another, "02:00:00:00:00:0b", true },
                { says_that_another_gave_it_one, "02:00:00:00:00:0c", false },
        };
        struct rack_world *w = *state;
        uint64_t ids[ARRAY_LEN(rows)];
        struct mac mac;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                rows[i].fn(w);
                ids[i] = session_of(w, rows[i].mac)->ask.session;
        }
        flood(w, 5000);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const struct session *s = session_of(w, rows[i].mac);
                assert_int_equal(mac_parse(rows[i].mac, &mac), 0);
                if ((s && s->ask.session == ids[i]) != rows[i].is_kept ||
                    (sightings_find(w->rack.sightings, &mac) != NULL) != rows[i].is_kept)
                        fail_msg("%s", rows[i].mac);
        }
}

/* Whoever registers a board while it boots has it kept from then on. */
static void a_stranger_is_registered(void **state) {
        static const char mac[] = "02:00:00:00:00:01";
        struct rack_world *w = *state;

        (void)discovers(w, ETH1, mac);
        rack_world_register(w, &(struct registered){ .name = "new", .mac = mac });
        serve(w, mac, session_of(w, mac)->ask.session, "no such file", false);
        flood(w, 5000);
        assert_non_null(session_of(w, mac));
}

/* Why a machine got what it ran before, and not what it was given last. */
static void a_system_that_is_back(void **state) {
        const struct saying s = { .type = DHCP4_DISCOVER,
                                  .mac = "dc:a6:32:a7:ed:89",
                                  .options = SAYS_PI4(UUID_PI4) };
        struct rack_world *w = *state;

        rack_world_live(w, "pi4-demo",
                        &(struct becomes){ .state = STATE_DEPLOYED,
                                           .root = ROOT_RAM,
                                           .boots_own = true,
                                           .run = "{}",
                                           .reason = "image new@2 was on trial, and is not taken" });
        assert_int_equal(rack_world_says(w, ETH1, &s), DHCP4_OFFER);
        assert_told(w, s.mac, "starts its system by the agent, image raspios|image new@2 was on trial",
                    true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(a_file_comes_before_the_next_message),
                TEST(a_silent_system_is_named_when_its_boot_is_history),
                TEST(a_silent_system_is_named_when_another_boot_begins),
                TEST(a_wrong_key_is_named_at_its_second_try),
                TEST(a_kernel_that_grub_refused),
                TEST(a_loader_that_the_firmware_refused),
                TEST(the_next_way_to_boot_shows_a_refusal),
                TEST(a_client_without_dhcp),
                TEST(nobody_knows_who_it_is),
                TEST(what_ended_meanwhile_is_told_to_its_own_boot),
                TEST(a_path_of_another_machine_is_noted_once),
                TEST(strangers_fill_no_log),
                TEST(strangers_cost_nobody_their_boot),
                TEST(a_stranger_is_registered),
                TEST(a_system_that_is_back),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
