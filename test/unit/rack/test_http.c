/* Boot HTTP without sockets: tokens, methods and refusals; and what is reported. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rack/http.h"
#include "rack/served.h"
#include "rack/signatures.h"
#include "rack_world.h"

#define PI4 "dc:a6:32:a7:ed:89"
#define PI5_TRUSTED "2c:cf:67:00:02:01"
#define PI4_WORDS "dc:a6:32:00:00:4a" /* its command line is longer than firmware reads */

struct served_site {
        struct rack_world *world;
        struct published site;
        struct view_source source;
        struct http_files *files;
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
        const struct saying discover = { .type = DHCP4_DISCOVER, .mac = PI4, .options = SAYS_PI4(UUID_PI4) };
        assert_non_null(s);
        s->world = rack_world_new();
        rack_world_register(s->world, &(struct registered){ .name = "still",
                                                            .mac = "02:00:00:00:00:60",
                                                            .serial = 0x10203040,
                                                            .ip = "10.77.0.60",
                                                            .image = "raspios" });
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
        s->files = http_files_new(&s->source);
        assert_non_null(s->files);
        assert_int_equal(rack_world_says(s->world, ETH1, &discover), DHCP4_OFFER); /* 10.77.0.10 */
        *state = s;
        return 0;
}

static int tear_down(void **state) {
        struct served_site *s = *state;
        http_files_free(s->files);
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

static unsigned ask(struct served_site *s, const char *method, uint32_t addr, const char *path,
                    uint64_t *tag) {
        struct http_answer answer;
        const struct http_request r = {
                .method = method, .path = path, .client = ip_from_v4(addr), .server = ip_from_v4(NET(77, 1))
        };

        *tag = 0;
        http_files_backend.answer(s->files, &r, &answer, tag);
        boot_file_drop(answer.file);
        free(answer.body);
        return answer.status;
}

static void tokens_are_of_their_boot_and_address(void **state) {
        struct served_site *s = *state;
        struct ip_addr ip = ip_from_v4(NET(77, 10));
        const struct boot_ask known = presences_find(s->world->rack.presences, &ip)->ask;
        char right[128], wrong[128];
        uint64_t tag;

        (void)snprintf(right, sizeof(right), "/b/%s/config.txt", known.token);
        (void)snprintf(wrong, sizeof(wrong), "/b/%s/config.txt", known.token);
        wrong[3] = wrong[3] == '0' ? '1' : '0';
        const struct {
                const char *remark, *method;
                uint32_t addr;
                const char *path;
                unsigned status;
        } rows[] = {
                { "its tree, by its address", "GET", NET(77, 10), "/config.txt", 200 },
                { "with its token", "GET", NET(77, 10), right, 200 },
                { "", "HEAD", NET(77, 10), right, 200 },
                { "another's token", "GET", NET(77, 10), wrong, 403 },
                { "its token, from another address", "GET", NET(77, 11), right, 403 },
                { "from a board without a session", "GET", NET(77, 60), right, 403 },
                { "an URL that was made without a session", "GET", NET(77, 60), "/b/-/config.txt", 200 },
                { "that one where there is a session", "GET", NET(77, 10), "/b/-/config.txt", 200 },
                { "", "GET", NET(77, 10), "/b/", 404 },
                { "", "GET", NET(77, 10), "/", 404 },
                { "out of the tree", "GET", NET(77, 10), "/../config.txt", 404 },
                { "nobody's", "GET", NET(77, 12), "/config.txt", 404 },
                { "not of our networks", "GET", NET(99, 12), "/config.txt", 403 },
                { "nothing is written here", "POST", NET(77, 10), "/config.txt", 405 },
                { "nothing of the API either", "GET", NET(77, 10), "/api/v1/machines", 404 },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                unsigned status = ask(s, rows[i].method, rows[i].addr, rows[i].path, &tag);
                if (status != rows[i].status)
                        fail_msg("row %zu (%s): %u", i, rows[i].remark, status);
                if (status == 200 && rows[i].addr == NET(77, 10))
                        assert_int_equal(tag, known.session);
        }
}

static void what_was_served_is_reported(void **state) {
        struct served_site *s = *state;
        struct ip_addr ip = ip_from_v4(NET(77, 10));
        const struct boot_ask known = presences_find(s->world->rack.presences, &ip)->ask;
        static const struct {
                unsigned status;
                bool is_head, is_complete, is_whole;
                enum trail_outcome outcome;
        } rows[] = {
                { 200, false, true, true, TRAIL_OK },    { 200, true, true, false, TRAIL_PROBE },
                { 206, false, true, false, TRAIL_OK },   { 200, false, false, false, TRAIL_FAILED },
                { 404, false, true, false, TRAIL_MISS }, { 403, false, true, false, TRAIL_FAILED },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct http_report report = { .client = ip,
                                              .method = "GET",
                                              .status = rows[i].status,
                                              .tag = known.session,
                                              .is_head = rows[i].is_head,
                                              .is_complete = rows[i].is_complete };
                struct served served;
                (void)snprintf(report.path, sizeof(report.path), "/b/%s/kernel9.img", known.token);
                http_files_backend.report(s->files, &report);
                assert_int_equal(queue_receive(s->source.served, &served, 1), 1);
                assert_string_equal(served.path, "kernel9.img"); /* tokens are no business of the trail */
                assert_int_equal(served.outcome, rows[i].outcome);
                assert_int_equal(served.is_whole, rows[i].is_whole);
                assert_int_equal(served.session, known.session);
                assert_true(mac_equal(&served.mac, &known.mac));
        }
}

static void a_refusal_says_why_where_there_is_a_reason(void **state) {
        struct served_site *s = *state;
        const struct saying discover = { .type = DHCP4_DISCOVER,
                                         .mac = PI4_WORDS,
                                         .options = SAYS_PI4("\0") };

        assert_int_equal(rack_world_says(s->world, ETH1, &discover), DHCP4_OFFER);
        const uint32_t pi4_words = s->world->answer.addr;
        const struct {
                uint32_t addr;
                const char *path;
                unsigned status;
                const char *body, *detail;
        } rows[] = {
                { pi4_words, "/cmdline.txt", 500, "longer than firmware reads",
                  "GET 500: it cannot be made" },
                { pi4_words, "/dt-blob.bin", 404, "no such file in this machine's tree\n", NULL },
                { NET(77, 12), "/config.txt", 404, "unknown=discover", "(unknown=discover)" },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct http_answer answer;
                struct served served;
                uint64_t tag;
                const struct http_request r = { .method = "GET",
                                                .path = rows[i].path,
                                                .client = ip_from_v4(rows[i].addr),
                                                .server = ip_from_v4(NET(77, 1)) };
                struct http_report report = { .client = r.client, .method = "GET", .is_complete = true };

                http_files_backend.answer(s->files, &r, &answer, &tag);
                assert_int_equal(answer.status, rows[i].status);
                assert_non_null(strstr(answer.body, rows[i].body));
                free(answer.body);

                report.status = answer.status;
                (void)snprintf(report.path, sizeof(report.path), "%s", rows[i].path);
                http_files_backend.report(s->files, &report);
                assert_int_equal(queue_receive(s->source.served, &served, 1), 1);
                if (rows[i].detail)
                        assert_non_null(strstr(served.detail, rows[i].detail));
                else
                        assert_string_equal(served.detail, "");
        }
}

static void what_is_being_signed_is_waited_for(void **state) {
        struct served_site *s = *state;
        const struct saying discover = { .type = DHCP4_DISCOVER,
                                         .mac = PI5_TRUSTED,
                                         .options = SAYS_PI4("\0") };
        struct http_answer answer;
        struct served served;
        uint64_t tag;

        assert_int_equal(rack_world_says(s->world, ETH1, &discover), DHCP4_OFFER);
        struct http_request r = { .method = "GET",
                                  .path = "/boot.sig",
                                  .client = ip_from_v4(s->world->answer.addr),
                                  .server = ip_from_v4(NET(77, 1)) };
        http_files_backend.answer(s->files, &r, &answer, &tag);
        assert_true(answer.wait_ms > 0 && answer.wait_key == SIGNATURES_WAIT_KEY);

        /* A signer that takes longer than a client waits has not failed. */
        r.is_again = true;
        r.waited_ms = 60000;
        http_files_backend.answer(s->files, &r, &answer, &tag);
        assert_int_equal(answer.status, 503);
        assert_string_equal(answer.body, "it is being signed: ask again in a moment\n");
        free(answer.body);
        struct http_report report = {
                .client = r.client, .method = "GET", .path = "/boot.sig", .status = 503, .is_complete = true
        };
        http_files_backend.report(s->files, &report);
        assert_int_equal(queue_receive(s->source.served, &served, 1), 1);
        assert_int_equal(served.outcome, TRAIL_IGNORED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(tokens_are_of_their_boot_and_address),
                TEST(what_was_served_is_reported),
                TEST(a_refusal_says_why_where_there_is_a_reason),
                TEST(what_is_being_signed_is_waited_for),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
