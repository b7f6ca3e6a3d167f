/* Roll-outs of EEPROM updates: waves, failures, restarts of the daemon, and what is not believed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/life/rollout.h"
#include "life_world.h"

enum {
        N = 5,
        ROLLOUT = 7,
        WITHIN_S = 3600
}; /* m0 is the canary, m1 and m2 the first wave, m3 and m4 the second */

static const char *const names[N] = { "m0", "m1", "m2", "m3", "m4" };

static struct eeprom_content content(const char *image, const char *config, uint64_t build_s) {
        struct eeprom_content c = { .build_s = build_s, .config = config, .config_len = strlen(config) };

        (void)snprintf(c.image, sizeof(c.image), "%s", image);
        return c;
}

static void open_lab(struct world *w) {
        world_open(w);
        for (uint8_t i = 0; i < N; i++)
                world_add(w, names[i], (uint8_t)(0x20 + i), "");
}

static void roll_out(struct world *w, unsigned flags) {
        struct error error;

        for (uint8_t i = 0; i < N; i++) {
                struct eeprom_order o = { .rollout = ROLLOUT,
                                          .wave = (i + 1U) / 2,
                                          .ts = 17,
                                          .within_s = WITHIN_S,
                                          .flags = flags,
                                          .now = content("eeprom-2711@2", "[all]\nA=2\n", 2000),
                                          .former = content("eeprom-2711@1", "A=1\n", 1000) };
                if (i == 4) /* nobody knew what it has */
                        o.former = (struct eeprom_content){};
                if (life_set_eeprom(w->life, names[i], &o, &error) < 0)
                        fail_msg("%s", error.text);
        }
        world_pass(w, ROLLOUT_EVERY_S);
}

static void begin_with(struct world *w, unsigned flags) {
        open_lab(w);
        roll_out(w, flags);
}

static void begin(struct world *w) {
        begin_with(w, 0);
}

static struct eeprom_order order_of(const struct world *w, const char *name) {
        struct eeprom_order o;

        if (!eeprom_order_of(world_machine(w, name), &o))
                fail_msg("%s has no part in it", name);
        return o;
}

/* "done offered waiting …", in the order of the machines. */
static void are(const struct world *w, const char *expected) {
        char steps[128] = "";

        for (size_t i = 0; i < N; i++)
                (void)snprintf(steps + strlen(steps), sizeof(steps) - strlen(steps), "%s%s", i ? " " : "",
                               eeprom_step_name(order_of(w, names[i]).step));
        assert_string_equal(steps, expected);
}

static void take(struct world *w, const char *name) {
        world_say(w, name, REPORT_EEPROM_FETCHED, NULL);
        world_say(w, name, REPORT_EEPROM_STARTED, NULL);
}

static void waves_follow_each_other(void **state) {
        (void)state;
        struct world w;

        begin(&w);
        are(&w, "offered waiting waiting waiting waiting");
        world_say(&w, "m0", REPORT_EEPROM_FETCHED, NULL);
        are(&w, "taken waiting waiting waiting waiting"); /* withdrawn at once */
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "taken waiting waiting waiting waiting");
        world_say(&w, "m0", REPORT_EEPROM_STARTED, NULL);
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "done offered offered waiting waiting");
        take(&w, "m2");
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "done offered done waiting waiting"); /* one of the wave is not enough */
        world_restart(&w);
        take(&w, "m1");
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "done done done offered offered");
        assert_string_equal(order_of(&w, "m3").now.config, "[all]\nA=2\n");
        world_close(&w);
}

static void one_failure_stops_all_that_was_to_come(void **state) {
        (void)state;
        struct world w;

        begin(&w);
        take(&w, "m0");
        world_pass(&w, ROLLOUT_EVERY_S);
        world_say(&w, "m1", REPORT_EEPROM_FETCHED, NULL);
        world_pass(&w, ROLLOUT_RETURN_S - ROLLOUT_EVERY_S);
        are(&w, "done taken offered waiting waiting");
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "done failed offered waiting waiting");
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "done failed stopped stopped stopped");
        assert_non_null(strstr(order_of(&w, "m1").why, "has not come back in 300 s"));
        assert_non_null(strstr(order_of(&w, "m4").why, "machine m1"));
        world_say(&w, "m1", REPORT_EEPROM_STARTED, NULL); /* too late: somebody has looked at it meanwhile */
        are(&w, "done failed stopped stopped stopped");
        world_close(&w);
}

static void who_goes_on_without_a_restart_has_not_taken_it(void **state) {
        (void)state;
        struct world w;

        begin(&w);
        world_say(&w, "m0", REPORT_EEPROM_STARTED, NULL); /* it fetched nothing: any boot of it */
        world_say(&w, "m0", REPORT_EEPROM_LEFT, NULL);
        are(&w, "offered waiting waiting waiting waiting");
        world_say(&w, "m0", REPORT_EEPROM_FETCHED, NULL);
        world_say(&w, "m0", REPORT_EEPROM_LEFT, NULL);
        are(&w, "failed waiting waiting waiting waiting");
        assert_non_null(strstr(order_of(&w, "m0").why, "without a restart"));
        world_close(&w);
}

/* What is fetched is fetched; a machine that is done with one can be part of another. */
static void it_is_stopped_by_hand(void **state) {
        (void)state;
        const struct eeprom_order again = { .rollout = ROLLOUT + 1,
                                            .within_s = WITHIN_S,
                                            .now = content("eeprom-2711@2", "", 0) };
        struct error error;
        struct world w;

        begin(&w);
        assert_int_equal(life_set_eeprom(w.life, "m0", &again, &error), -EBUSY);
        world_say(&w, "m0", REPORT_EEPROM_FETCHED, NULL);
        for (size_t i = 0; i < N; i++)
                assert_int_equal(life_stop_eeprom(w.life, names[i], &error), 0);
        are(&w, "taken stopped stopped stopped stopped");
        assert_int_equal(life_set_eeprom(w.life, "m1", &again, &error), 0);
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "taken offered stopped stopped stopped");
        world_close(&w);
}

/* A board that is off, or whose EEPROM takes no updates, holds nobody up for ever. */
static void who_never_asks_has_failed(void **state) {
        (void)state;
        struct world w;

        begin(&w);
        world_pass(&w, WITHIN_S - ROLLOUT_EVERY_S);
        are(&w, "offered waiting waiting waiting waiting");
        world_restart(&w);
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "failed waiting waiting waiting waiting");
        assert_non_null(strstr(order_of(&w, "m0").why, "has not fetched the update in 1 h"));
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "failed stopped stopped stopped stopped");
        world_close(&w);
}

/* An agent runs on it, and tells what it has. */
static void give_agent(struct world *w, const char *name) {
        world_order(w, name, "commission", NULL, &(struct error){});
}

#define TELLS(config, build) \
        "{\"eeprom\": {\"version\": \"224877da\", \"build_timestamp\": " build ", \"config\": \"" config \
        "\"}}"

static void an_agent_tells_whether_it_is_done(void **state) {
        (void)state;
        static const struct {
                const char *remark, *says;
                enum eeprom_step step;
                const char *why;
        } rows[] = {
                { "as it was offered, but for a comment", TELLS("# mine\\nA=2", "2000"), EEPROM_DONE, "" },
                { "an EEPROM that kept its configuration", TELLS("A=1", "2000"), EEPROM_FAILED,
                  "-A=2, +A=1" },
                { "and one that kept its firmware", TELLS("A=2", "1000"), EEPROM_FAILED,
                  "other firmware than that of image eeprom-2711@2: 224877da" },
                { "a kernel that does not show it", "{\"eeprom\": {\"build_timestamp\": 2000}}", EEPROM_DONE,
                  "cannot read its configuration" },
                { "an agent of before", "{}", EEPROM_DONE, "cannot read its configuration" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct world w;

                begin(&w);
                give_agent(&w, "m0");
                take(&w, "m0");
                are(&w, "started waiting waiting waiting waiting");
                world_pass(&w, ROLLOUT_EVERY_S);
                world_say(&w, "m0", REPORT_HELLO, rows[i].says);
                const struct eeprom_order o = order_of(&w, "m0");
                if (o.step != rows[i].step || !strstr(o.why, rows[i].why))
                        fail_msg("%s: %s: %s", rows[i].remark, eeprom_step_name(o.step), o.why);
                world_pass(&w, ROLLOUT_EVERY_S);
                are(&w, rows[i].step == EEPROM_DONE ? "done offered offered waiting waiting"
                                                    : "failed stopped stopped stopped stopped");
                world_close(&w);
        }
}

static void an_agent_that_does_not_come_up_is_a_failure(void **state) {
        (void)state;
        struct world w;

        begin(&w);
        give_agent(&w, "m0");
        take(&w, "m0");
        world_pass(&w, ROLLOUT_TELL_S);
        are(&w, "failed waiting waiting waiting waiting");
        assert_non_null(strstr(order_of(&w, "m0").why, "its agent has not told"));
        world_close(&w);
}

/* Without an agent in its boots it counts as done; the first that runs there says more, and only the first.
 */
static void what_is_seen_later_counts_too(void **state) {
        (void)state;
        struct world w;

        begin(&w);
        take(&w, "m0");
        assert_non_null(strstr(order_of(&w, "m0").why, "seen when its agent runs next"));
        world_say(&w, "m0", REPORT_HELLO, TELLS("A=2", "2000"));
        world_say(&w, "m0", REPORT_HELLO, TELLS("A=9", "2000")); /* somebody changed it by hand since */
        assert_string_equal(order_of(&w, "m0").why, "");
        struct eeprom_found found;
        assert_true(eeprom_found_of(world_machine(&w, "m0"), &found));
        assert_string_equal(found.config, "A=9");
        world_pass(&w, ROLLOUT_EVERY_S);
        take(&w, "m1");
        world_say(&w, "m1", REPORT_HELLO, TELLS("A=1", "2000"));
        are(&w, "done failed offered waiting waiting");
        world_close(&w);
}

static void what_was_taken_is_given_back_by_hand(void **state) {
        (void)state;
        struct error error;
        struct world w;

        begin(&w);
        take(&w, "m0");
        world_pass(&w, ROLLOUT_EVERY_S);
        assert_int_equal(life_go_back_eeprom(w.life, "m1", &error), -ENOENT);
        assert_non_null(strstr(error.text, "has taken no update"));
        assert_int_equal(life_go_back_eeprom(w.life, "m0", &error), 0);
        const struct eeprom_order o = order_of(&w, "m0");
        assert_int_equal(o.step, EEPROM_OFFERED);
        assert_string_equal(o.now.image, "eeprom-2711@1");
        assert_string_equal(o.now.config, "A=1\n");
        assert_true(o.ts > 17 && o.now.build_s == 1000);
        assert_int_equal(life_go_back_eeprom(w.life, "m0", &error), -ENOENT); /* once */
        take(&w, "m0");
        world_say(&w, "m0", REPORT_HELLO, TELLS("A=1", "1000"));
        assert_int_equal(order_of(&w, "m0").step, EEPROM_DONE);
        world_close(&w);
}

static void what_was_deleted_is_not_given_back(void **state) {
        (void)state;
        struct eeprom_order o = { .rollout = ROLLOUT,
                                  .step = EEPROM_DONE,
                                  .flags = EEPROM_HAS_TAKEN,
                                  .now = content("eeprom-2711@1", "A=2\n", 2000),
                                  .former = content("eeprom-2711@9", "A=1\n", 1000) };
        struct error error;
        struct world w;

        open_lab(&w);
        assert_int_equal(life_set_eeprom(w.life, "m0", &o, &error), 0);
        assert_int_equal(life_go_back_eeprom(w.life, "m0", &error), -ENOENT);
        assert_string_equal(error.text,
                            "machine m0: image eeprom-2711@9, the firmware that it had before, was deleted");
        assert_int_equal(order_of(&w, "m0").step, EEPROM_DONE);
        world_close(&w);
}

static void it_goes_back_by_itself_where_somebody_said_so(void **state) {
        (void)state;
        struct error error;
        struct world w;

        begin_with(&w, EEPROM_GOES_BACK);
        take(&w, "m0");
        world_pass(&w, ROLLOUT_EVERY_S);
        take(&w, "m1");
        take(&w, "m2");
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "done done done offered offered");
        take(&w, "m4");
        world_say(&w, "m3", REPORT_EEPROM_FETCHED, NULL);
        world_say(&w, "m3", REPORT_EEPROM_LEFT, NULL);
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "offered offered offered failed done"); /* m3 took none; nobody knew what m4 had */
        assert_string_equal(order_of(&w, "m2").now.image, "eeprom-2711@1");
        assert_int_equal(life_go_back_eeprom(w.life, "m4", &error), -ENOENT);
        assert_non_null(strstr(error.text, "nobody knew what it had before"));
        world_pass(&w, ROLLOUT_EVERY_S);
        take(&w, "m0");
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "done offered offered failed done"); /* and it does not go forth again */
        world_pass(&w, WITHIN_S);
        are(&w, "done failed failed failed done");
        world_close(&w);
}

/* Who failed and goes back has failed all the same: nobody goes on meanwhile. */
static void a_failed_machine_that_goes_back_holds_the_others_up(void **state) {
        (void)state;
        struct world w;

        begin_with(&w, EEPROM_GOES_BACK);
        take(&w, "m0");
        world_say(&w, "m0", REPORT_HELLO, TELLS("A=1", "2000"));
        are(&w, "failed waiting waiting waiting waiting");
        for (unsigned i = 0; i < 3; i++)
                world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "offered stopped stopped stopped stopped");
        take(&w, "m0");
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "done stopped stopped stopped stopped");
        world_close(&w);
}

static void put_firmware(struct world *w) {
        CLEANUP(image_drop_at) struct image *i = image_new();
        struct site *next;

        (void)snprintf(i->name, sizeof(i->name), "eeprom-2711");
        i->version = 2;
        i->files = calloc(1, sizeof(*i->files));
        i->files[i->n_files++] =
                (struct image_file){ .path = strdup("pieeprom.bin"), .role = IMAGE_FILE_EEPROM, .size = 1 };
        assert_int_equal(image_index(i), 0);
        next = site_put_image(w->site, i, NULL);
        assert_non_null(next);
        site_drop(w->site);
        w->site = next;
}

/* m0 is Ready, with its agent up; m1 is off. */
static void begin_by_agent(struct world *w, unsigned flags) {
        open_lab(w);
        put_firmware(w);
        world_must(w, "m0", "commission", "{\"scripts\": []}");
        world_say(w, "m0", REPORT_HELLO, NULL);
        world_say(w, "m0", REPORT_RESULT, "{\"ok\": true, \"data\": {\"memory\": {}}}");
        world_is(w, "m0", STATE_READY, NULL);
        roll_out(w, flags);
}

static void an_agent_writes_it(void **state) {
        (void)state;
        struct world w;

        begin_by_agent(&w, EEPROM_BY_AGENT);
        assert_string_equal(world_task(&w, "m0"), "eeprom");
        assert_non_null(strstr(world_machine(&w, "m0")->task, "[all]\\nA=2\\n"));
        world_restart(&w);
        world_say(&w, "m0", REPORT_RESULT, "{\"ok\": true, \"data\": {\"sectors\": 3}}");
        are(&w, "taken waiting waiting waiting waiting");
        assert_string_equal(world_task(&w, "m0"), "");
        world_is(&w, "m0", STATE_READY, NULL); /* its life goes on as it was */
        world_say(&w, "m0", REPORT_EEPROM_STARTED, NULL);
        world_say(&w, "m0", REPORT_HELLO, TELLS("A=2", "2000"));
        world_pass(&w, ROLLOUT_EVERY_S);
        are(&w, "done offered offered waiting waiting");
        assert_string_equal(world_task(&w, "m1"), ""); /* no agent is up there: it waits for one */
        world_pass(&w, WITHIN_S);
        assert_false(eeprom_step_is_open(order_of(&w, "m1").step));
        world_close(&w);
}

static void an_agent_that_cannot_write_it_says_why(void **state) {
        (void)state;
        static const char said[] = "{\"ok\": false, \"error\": \"there is no spidev\"}";
        struct world w;

        begin_by_agent(&w, EEPROM_BY_AGENT);
        world_say(&w, "m0", REPORT_RESULT, said);
        are(&w, "failed waiting waiting waiting waiting");
        assert_string_equal(order_of(&w, "m0").why, "its agent: there is no spidev");
        world_close(&w);

        begin_by_agent(&w, EEPROM_BY_AGENT | EEPROM_OR_NETWORK);
        world_say(&w, "m0", REPORT_RESULT, said);
        const struct eeprom_order o = order_of(&w, "m0");
        assert_true(o.step == EEPROM_OFFERED && !(o.flags & EEPROM_BY_AGENT));
        assert_non_null(strstr(o.why, "by the network, because its agent cannot: there is no spidev"));
        assert_string_equal(world_task(&w, "m0"), "");
        take(&w, "m0"); /* from its tree */
        world_close(&w);

        /* Where no agent is up the network has it at once. */
        begin_with(&w, EEPROM_BY_AGENT | EEPROM_OR_NETWORK);
        world_pass(&w, ROLLOUT_EVERY_S);
        assert_int_equal(order_of(&w, "m0").flags & EEPROM_BY_AGENT, 0);
        world_close(&w);
}

/* Half an EEPROM starts no board: neither a person nor another one's failure ends what was begun. */
static void what_an_agent_writes_is_not_broken_off(void **state) {
        (void)state;
        struct error error;
        struct world w;

        begin_by_agent(&w, EEPROM_BY_AGENT);
        assert_int_equal(life_stop_eeprom(w.life, "m0", &error), 0);
        assert_int_equal(life_stop_eeprom(w.life, "m1", &error), 0);
        are(&w, "offered stopped waiting waiting waiting");
        assert_string_equal(world_task(&w, "m0"), "eeprom");
        world_pass(&w, WITHIN_S); /* an agent that is never heard again */
        assert_int_equal(order_of(&w, "m0").step, EEPROM_FAILED);
        assert_non_null(strstr(order_of(&w, "m0").why, "its agent has not written the update in 1 h"));
        assert_string_equal(world_task(&w, "m0"), "");
        world_close(&w);
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void an_order_is_a_text(void **state) {
        (void)state;
        static const char *const broken[] = {
                "",
                "7 0 offered 1 2 eeprom@1 00\n\n",
                "7 0 offered 1 2 eeprom@1\nno\ndigest",
                "7 0 asleep 1 2 eeprom@1 " ZEROS "\n\n",
                "7 0 done 1 2 eeprom@1 " ZEROS " 0 0 0 -\n\n",
                "7 0 done 1 2 eeprom@1 " ZEROS " 0 0 0 eeprom@1 0 00 0\n\n",
                "7 0 done 1 2 eeprom@1 " ZEROS " 0 0 0 - 0 - 3\n\nA=",
                "7 0 done 1 2 eeprom@1 " ZEROS " 0 0 0 - 0 - 1 1 1 -\n\nA=1",
                "7 0 done 1 2 eeprom@1 " ZEROS " 0 0 0 - 0 - 1 1 1 00 -\n\nA=1",
                "7 0 done 1 2 eeprom@1 " ZEROS " 0 0 0 - 0 - 1 1 2 - -\n\nA=1",
        };
        struct eeprom_order o = { .rollout = UINT64_MAX,
                                  .wave = 3,
                                  .step = EEPROM_FAILED,
                                  .since_s = 1764400000,
                                  .ts = UINT32_MAX,
                                  .within_s = 60,
                                  .flags = EEPROM_HAS_TAKEN | EEPROM_GOES_BACK,
                                  .why = "so",
                                  .now = content("eeprom-2712@12", "[all]\nA=1\n\n", 17),
                                  .former = content("eeprom-2712@1", "B=2", 16) };
        struct eeprom_order back;

        memset(o.now.digest, 0xa5, sizeof(o.now.digest));
        o.now.files = "pubkey.bin 00ff\n";
        o.now.files_len = strlen(o.now.files);
        o.former.files = "pubkey.bin 0102\nbootconf.sig 03\n";
        o.former.files_len = strlen(o.former.files);
        o.former.has_rsa = true;
        memset(o.former.rsa, 0x5a, sizeof(o.former.rsa));
        CLEANUP(free_at) char *text = eeprom_order_print(&o);
        assert_int_equal(eeprom_order_parse(text, &back), 0);
        CLEANUP(free_at) char *again = eeprom_order_print(&back);
        assert_string_equal(text, again);
        assert_string_equal(back.now.config, o.now.config);
        assert_int_equal(back.former.config_len, 3);
        assert_memory_equal(back.former.files, o.former.files, o.former.files_len);
        assert_memory_equal(back.now.files, o.now.files, o.now.files_len);
        assert_true(back.former.has_rsa && !back.now.has_rsa);
        assert_memory_equal(back.former.rsa, o.former.rsa, sizeof(o.former.rsa));
        for (size_t i = 0; i < ARRAY_LEN(broken); i++)
                assert_int_equal(eeprom_order_parse(broken[i], &back), -EBADMSG);

        /* As it was before there were keys in updates, and before there was a way back. */
        assert_int_equal(eeprom_order_parse("7 0 done 1 2 eeprom@1 " ZEROS " 0 0 0 - 0 - 3\n\nA=1B=2", &back),
                         0);
        assert_string_equal(back.now.config, "B=2");
        assert_true(back.now.files_len == 0 && !back.now.has_rsa);
        assert_int_equal(eeprom_order_parse("7 0 offered 1 2 eeprom@1 " ZEROS "\n\nA=1\n", &back), 0);
        assert_true(back.within_s == EEPROM_WITHIN_S && back.flags == 0 && !back.former.image[0]);
        assert_string_equal(back.now.config, "A=1\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(waves_follow_each_other),
                cmocka_unit_test(one_failure_stops_all_that_was_to_come),
                cmocka_unit_test(who_goes_on_without_a_restart_has_not_taken_it),
                cmocka_unit_test(it_is_stopped_by_hand),
                cmocka_unit_test(who_never_asks_has_failed),
                cmocka_unit_test(an_agent_tells_whether_it_is_done),
                cmocka_unit_test(an_agent_that_does_not_come_up_is_a_failure),
                cmocka_unit_test(what_is_seen_later_counts_too),
                cmocka_unit_test(what_was_taken_is_given_back_by_hand),
                cmocka_unit_test(what_was_deleted_is_not_given_back),
                cmocka_unit_test(it_goes_back_by_itself_where_somebody_said_so),
                cmocka_unit_test(a_failed_machine_that_goes_back_holds_the_others_up),
                cmocka_unit_test(an_agent_writes_it),
                cmocka_unit_test(an_agent_that_cannot_write_it_says_why),
                cmocka_unit_test(what_an_agent_writes_is_not_broken_off),
                cmocka_unit_test(an_order_is_a_text),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
