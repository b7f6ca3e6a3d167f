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

enum { N = 5, ROLLOUT = 7 }; /* m0 is the canary, m1 and m2 the first wave, m3 and m4 the second */

static const char *const names[N] = { "m0", "m1", "m2", "m3", "m4" };

static void begin(struct world *w) {
        struct error error;

        world_open(w);
        for (uint8_t i = 0; i < N; i++) {
                struct eeprom_order o = {
                        .rollout = ROLLOUT, .wave = (i + 1U) / 2, .ts = 17, .config = "[all]\n"
                };
                (void)snprintf(o.image, sizeof(o.image), "eeprom-2711@1");
                world_add(w, names[i], (uint8_t)(0x20 + i), "");
                if (life_set_eeprom(w->life, names[i], &o, &error) < 0)
                        fail_msg("%s", error.text);
        }
        world_pass(w, ROLLOUT_EVERY_S);
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
        assert_string_equal(order_of(&w, "m3").config, "[all]\n");
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
        const struct eeprom_order again = { .rollout = ROLLOUT + 1, .config = "", .image = "eeprom-2711@2" };
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

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static void an_order_is_a_text(void **state) {
        (void)state;
        static const char *const broken[] = {
                "",
                "7 0 offered 1 2 eeprom@1 00\n\n",
                "7 0 offered 1 2 eeprom@1\nno\ndigest",
                "7 0 asleep 1 2 eeprom@1 " ZEROS "\n\n",
        };
        struct eeprom_order o = { .rollout = UINT64_MAX,
                                  .wave = 3,
                                  .step = EEPROM_FAILED,
                                  .since_s = 1764400000,
                                  .ts = UINT32_MAX,
                                  .why = "so",
                                  .config = "[all]\nA=1\n\n" };
        struct eeprom_order back;

        (void)snprintf(o.image, sizeof(o.image), "eeprom-2712@12");
        memset(o.digest, 0xa5, sizeof(o.digest));
        CLEANUP(free_at) char *text = eeprom_order_print(&o);
        assert_int_equal(eeprom_order_parse(text, &back), 0);
        CLEANUP(free_at) char *again = eeprom_order_print(&back);
        assert_string_equal(text, again);
        assert_string_equal(back.config, o.config);
        for (size_t i = 0; i < ARRAY_LEN(broken); i++)
                assert_int_equal(eeprom_order_parse(broken[i], &back), -EBADMSG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(waves_follow_each_other),
                cmocka_unit_test(one_failure_stops_all_that_was_to_come),
                cmocka_unit_test(who_goes_on_without_a_restart_has_not_taken_it),
                cmocka_unit_test(it_is_stopped_by_hand),
                cmocka_unit_test(an_order_is_a_text),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
