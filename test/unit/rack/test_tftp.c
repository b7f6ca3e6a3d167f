/* TFTP's files without sockets: what is refused and why, and what is told of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rack/served.h"
#include "rack/signatures.h"
#include "rack/tftp.h"
#include "rack_world.h"

#define PI4 "dc:a6:32:a7:ed:89"
#define PI5_TRUSTED "2c:cf:67:00:02:01"
#define PI4_LONG "dc:a6:32:00:00:49"  /* its config.txt is longer than firmware reads */
#define PI4_WORDS "dc:a6:32:00:00:4a" /* its command line is */

struct served_site {
        struct rack_world *world;
        struct published site;
        struct view_source source;
        struct tftp_files *files;
        struct store *store;
        struct keyring *keys;
};

static void *take_site(void *s) {
        return site_take(s);
}

static void drop_site(void *s) {
        site_drop(s);
}

static int set_up(void **state) {
        struct served_site *s = calloc(1, sizeof(*s));
        assert_non_null(s);
        s->world = rack_world_new();
        published_init(&s->site, take_site, drop_site);
        published_set(&s->site, site_take(s->world->site));
        s->source = (struct view_source){ .site = &s->site,
                                          .presences = s->world->rack.presences,
                                          .served = queue_new(4, sizeof(struct served)),
                                          .http_port = 5248,
                                          .https_port = 5249 };
        s->store = rack_world_store(s->world);
        s->keys = rack_world_keys(s->world);
        s->source.store = s->store;
        s->source.signatures = signatures_new(s->keys);
        s->files = tftp_files_new(&s->source, 1);
        assert_non_null(s->files);
        *state = s;
        return 0;
}

static int tear_down(void **state) {
        struct served_site *s = *state;
        tftp_files_free(s->files);
        rack_world_let_signer(s->world);
        signatures_free(s->source.signatures);
        keyring_free(s->keys);
        store_close(s->store);
        queue_free(s->source.served);
        published_destroy(&s->site);
        rack_world_free(s->world);
        free(s);
        return 0;
}

static uint32_t boots(struct served_site *s, const char *mac) {
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = mac, .options = SAYS_PI4("\0") };
        assert_int_equal(rack_world_says(s->world, ETH1, &discover), DHCP4_OFFER);
        return s->world->answer.addr;
}

/* A request as the server makes of it: opened, and when that gives nothing told at once. */
static struct served asks(struct served_site *s, uint32_t addr, const char *path, char *refusal,
                          size_t size) {
        const struct tftp_peer peer = { .client = ip_from_v4(addr), .server = ip_from_v4(NET(77, 1)) };
        struct tftp_grant grant = {};
        struct tftp_report report = { .peer = peer };
        struct served served;

        tftp_files_backend.open(s->files, 0, &peer, path, 0, &grant);
        (void)snprintf(refusal, size, "%s", grant.refusal ? grant.refusal : "");
        report.outcome = grant.file ? TFTP_DONE : TFTP_NOT_FOUND;
        report.tag = grant.tag;
        (void)snprintf(report.path, sizeof(report.path), "%s", path);
        tftp_files_backend.report(s->files, 0, &report);
        tftp_files_backend.batch_end(s->files, 0);
        boot_file_drop(grant.file);
        assert_int_equal(queue_receive(s->source.served, &served, 1), 1);
        assert_string_equal(served.path, path);
        return served;
}

static void a_refusal_says_why_where_there_is_a_reason(void **state) {
        struct served_site *s = *state;
        const uint32_t pi4 = boots(s, PI4), pi4_words = boots(s, PI4_WORDS), pi4_long = boots(s, PI4_LONG);
        const struct {
                const char *remark;
                uint32_t addr;
                const char *path;
                enum trail_outcome outcome;
                const char *why; /* "": nothing is said */
        } rows[] = {
                { "the machine's own", pi4, "config.txt", TRAIL_OK, "" },
                { "what firmware only hopes for", pi4, "dt-blob.bin", TRAIL_MISS, "" },
                { "a text that cannot be made", pi4_words, "cmdline.txt", TRAIL_FAILED,
                  "longer than firmware reads" },
                { "and the next file of that tree", pi4_words, "dt-blob.bin", TRAIL_MISS, "" },
                { "a tree that is none without it", pi4_long, "config.txt", TRAIL_MISS,
                  "firmware reads 4095 octets" },
                { "nobody's tree", NET(77, 90), "config.txt", TRAIL_MISS, "unknown=discover" },
                { "one that is there after all that", pi4, "config.txt", TRAIL_OK, "" },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char refusal[200];
                const struct served served = asks(s, rows[i].addr, rows[i].path, refusal, sizeof(refusal));
                if (served.outcome != rows[i].outcome)
                        fail_msg("%s: outcome %d", rows[i].remark, served.outcome);
                const char *told = served.outcome == TRAIL_OK ? "" : served.detail;
                if (!rows[i].why[0] != !told[0] || !strstr(told, rows[i].why))
                        fail_msg("%s: the trail says \"%s\"", rows[i].remark, told);
                assert_string_equal(refusal, told);
        }
}

/* The server turns some down itself, without asking: these must not inherit another's reason. */
static void a_reason_is_told_once(void **state) {
        struct served_site *s = *state;
        const uint32_t addr = boots(s, PI4_WORDS);
        const struct tftp_report turned_down = { .peer = { .client = ip_from_v4(addr) },
                                                 .outcome = TFTP_NOT_FOUND };
        struct served served;
        char refusal[200];

        served = asks(s, addr, "cmdline.txt", refusal, sizeof(refusal));
        assert_int_equal(served.outcome, TRAIL_FAILED);
        tftp_files_backend.report(s->files, 0, &turned_down);
        assert_int_equal(queue_receive(s->source.served, &served, 1), 1);
        assert_int_equal(served.outcome, TRAIL_MISS);
        assert_string_equal(served.detail, "");
}

static void strangers_of_other_networks_hear_nothing(void **state) {
        struct served_site *s = *state;
        const struct tftp_peer peer = { .client = ip_from_v4(NET(99, 1)), .server = ip_from_v4(NET(77, 1)) };
        struct tftp_grant grant = {};

        tftp_files_backend.open(s->files, 0, &peer, "config.txt", 0, &grant);
        assert_true(grant.is_ignored);
        assert_null(grant.file);
}

static void what_is_being_signed_is_asked_for_again(void **state) {
        struct served_site *s = *state;
        const struct tftp_peer peer = { .client = ip_from_v4(boots(s, PI5_TRUSTED)),
                                        .server = ip_from_v4(NET(77, 1)) };
        struct tftp_grant grant = {};
        struct boot_file *sig = NULL;

        for (unsigned i = 0; i < 3; i++) {
                tftp_files_backend.open(s->files, 0, &peer, "boot.sig", 0, &grant);
                assert_true(grant.is_ignored && !grant.file && !grant.refusal);
                tftp_files_backend.open(s->files, 0, &peer, "boot.img", 0, &grant);
                assert_non_null(grant.file);
                CLEANUP(boot_file_drop_at) struct boot_file *volume = grant.file;
                if (i < 2)
                        continue;
                /* When its signer has failed, that is an answer. */
                rack_world_let_signer(s->world);
                assert_int_equal(signatures_wait(s->source.signatures, "", volume, 20000, &sig),
                                 -EKEYREJECTED);
        }
        char refusal[200];
        const struct served served = asks(s, ip_to_v4(&peer.client), "boot.sig", refusal, sizeof(refusal));
        assert_int_equal(served.outcome, TRAIL_FAILED);
        assert_string_equal(refusal, "it cannot be signed: brambled's log says why");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(a_refusal_says_why_where_there_is_a_reason),
                TEST(a_reason_is_told_once),
                TEST(strangers_of_other_networks_hear_nothing),
                TEST(what_is_being_signed_is_asked_for_again),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
