/* Taken back from its disk: every boot order by every kind of power. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/life/back.h"
#include "life_world.h"

#define OK "{\"ok\": true, \"error\": null, \"data\": {}}"
#define WORLD(name) \
        CLEANUP(world_close) struct world name; \
        world_open(&name)

enum { CHOOSES = LIFE_CAN_BOOT | LIFE_CAN_OFF | LIFE_CAN_CHOOSE, SWITCHES = LIFE_CAN_BOOT | LIFE_CAN_OFF };

/* A boot order, a power, and how the machine comes back; what becomes of it when it shall be erased, and
 * rescued. */
struct row {
        const char *first; /* as its agent found */
        unsigned power_can;
        enum back_way way;
        enum machine_state erase, rescue;
        const char *says_erase, *says_rescue; /* parts of sentences */
};

#define BY_POWER "power is being switched, so that it boots its agent"
#define BY_HAND "its power is by hand"

static const struct row table[] = {
        { "network-first", CHOOSES, BACK_BY_CONTROLLER, STATE_DISK_ERASING, STATE_ENTERING_RESCUE_MODE,
          BY_POWER, BY_POWER },
        { "network-first", SWITCHES, BACK_BY_POWER, STATE_DISK_ERASING, STATE_ENTERING_RESCUE_MODE, BY_POWER,
          BY_POWER },
        { "network-first", 0, BACK_BY_HAND, STATE_DISK_ERASING, STATE_ENTERING_RESCUE_MODE, BY_HAND,
          BY_HAND },

        /* Its controller knows better than its boot order; nothing else does. */
        { "disk-first", CHOOSES, BACK_BY_CONTROLLER, STATE_DISK_ERASING, STATE_ENTERING_RESCUE_MODE, BY_POWER,
          BY_POWER },
        { "disk-first", SWITCHES, BACK_BY_NOTHING, STATE_READY, STATE_ENTERING_RESCUE_MODE,
          "take its disk out", "choose the network in its boot menu" },
        { "disk-first", 0, BACK_BY_NOTHING, STATE_READY, STATE_ENTERING_RESCUE_MODE, "take its disk out",
          "choose the network in its boot menu" },
        { "disk-only", CHOOSES, BACK_BY_CONTROLLER, STATE_DISK_ERASING, STATE_ENTERING_RESCUE_MODE, BY_POWER,
          BY_POWER },
        { "disk-only", SWITCHES, BACK_BY_NOTHING, STATE_READY, STATE_ENTERING_RESCUE_MODE,
          "put the network into its boot order", "put it into its boot order" },
        { "disk-only", 0, BACK_BY_NOTHING, STATE_READY, STATE_ENTERING_RESCUE_MODE,
          "put the network into its boot order", "put it into its boot order" },

        /* It is tried. */
        { "", CHOOSES, BACK_BY_CONTROLLER, STATE_DISK_ERASING, STATE_ENTERING_RESCUE_MODE, BY_POWER,
          BY_POWER },
        { "", SWITCHES, BACK_BY_POWER, STATE_DISK_ERASING, STATE_ENTERING_RESCUE_MODE, BY_POWER, BY_POWER },
        { "", 0, BACK_BY_HAND, STATE_DISK_ERASING, STATE_ENTERING_RESCUE_MODE, BY_HAND, BY_HAND },
};

static void say(struct world *w, enum agent_report_kind kind, const char *body) {
        world_say(w, "pi4", kind, body);
        if (w->power_job)
                world_power(w);
}

static void order(struct world *w, const char *verb, const char *wish) {
        world_must(w, "pi4", verb, wish);
        if (w->power_job)
                world_power(w);
}

/* From its first commissioning to a system on its disk. */
static void deploy(struct world *w, const struct row *row) {
        char inventory[256];

        (void)snprintf(inventory, sizeof(inventory),
                       "{\"ok\": true, \"error\": null, \"data\": {\"board\": {\"boot_first\": \"%s\"}}}",
                       row->first);
        w->power_can = row->power_can;
        world_add(w, "pi4", 7, row->power_can ? "fake" : "");
        order(w, "commission", "{\"scripts\": []}");
        say(w, REPORT_HELLO, "{}");
        say(w, REPORT_RESULT, inventory);
        order(w, "deploy", "{\"image\": \"installed\"}");
        say(w, REPORT_HELLO, "{}");
        say(w, REPORT_RESULT, OK);
        say(w, REPORT_RESULT, OK);
        say(w, REPORT_PHONE_HOME, NULL);
}

static void comes_back_as_it_can(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(table); i++) {
                const struct row *row = &table[i];
                WORLD(w);
                deploy(&w, row);
                const struct machine *m = world_machine(&w, "pi4");
                assert_int_equal(back_way(machine_boot_first(m), row->power_can, false, false), row->way);
                /* Who will not come back says so while something can be done about it. */
                world_is(&w, "pi4", STATE_DEPLOYED,
                         row->way == BACK_BY_NOTHING ? "put the network before the disk" : NULL);

                world_must(&w, "pi4", "rescue", "{\"authorized_keys\": [\"ssh-ed25519 AAAA zoe\"]}");
                world_is(&w, "pi4", row->rescue, row->says_rescue);
                world_must(&w, "pi4", "mark-broken", NULL);
                if (w.power_job)
                        world_power(&w);
                world_must(&w, "pi4", "mark-fixed", NULL);
                if (w.power_job)
                        world_power(&w);
                world_must(&w, "pi4", "erase", NULL);
                if (w.power_job && row->erase == STATE_READY)
                        world_power(&w); /* off, and still it is said what was not done */
                world_is(&w, "pi4", row->erase, row->says_erase);
        }
}

/* Whatever is waited for: also by an agent that is still there when it says that all is written. */
static void warns_before_its_agent_is_gone(void **state) {
        (void)state;
        WORLD(w);
        w.power_can = SWITCHES;
        world_add(&w, "pi4", 7, "fake");
        order(&w, "commission", "{\"scripts\": []}");
        say(&w, REPORT_HELLO, "{}");
        say(&w, REPORT_RESULT,
            "{\"ok\": true, \"error\": null, \"data\": {\"board\": {\"boot_first\": \"disk-first\"}}}");
        order(&w, "deploy", "{\"image\": \"installed\", \"done_when\": \"written\"}");
        say(&w, REPORT_HELLO, "{}");
        say(&w, REPORT_RESULT, OK);
        world_is(&w, "pi4", STATE_DEPLOYED, "put the network before the disk");
        order(&w, "erase", NULL);
        world_is(&w, "pi4", STATE_READY, "take its disk out");
}

/* Nothing waits for ever: where it is tried in vain, the reason is said in the end. */
static void gives_up_what_cannot_come(void **state) {
        (void)state;
        WORLD(w);
        const struct row row = { .first = "", .power_can = SWITCHES };

        deploy(&w, &row);
        world_must(&w, "pi4", "erase", NULL);
        world_power(&w);
        world_pass(&w, 1200);
        world_is(&w, "pi4", STATE_FAILED_DISK_ERASING, "may boot something else before the network");
}

/* What a person says of it counts more than what its agent found. */
static void believes_its_operator(void **state) {
        (void)state;
        struct machine m = { .found_first = BOOT_FIRST_NETWORK };

        assert_int_equal(machine_boot_first(&m), BOOT_FIRST_NETWORK);
        m.claimed_first = BOOT_FIRST_DISK;
        assert_int_equal(machine_boot_first(&m), BOOT_FIRST_DISK);
        assert_int_equal(back_way(machine_boot_first(&m), SWITCHES, false, false), BACK_BY_NOTHING);
        assert_int_equal(back_way(machine_boot_first(&m), SWITCHES, false, true), BACK_BY_AGENT);
}

/* With consent its agent changes the boot order while it runs: then it comes back. */
static void its_boot_order_is_changed(void **state) {
        (void)state;
        WORLD(w);
        const struct row row = { .first = "disk-first", .power_can = SWITCHES };

        deploy(&w, &row);
        world_must(&w, "pi4", "release", NULL);
        world_power(&w);
        order(&w, "deploy", "{\"image\": \"installed\", \"network_first\": true}");
        assert_non_null(strstr(world_machine(&w, "pi4")->task, "\"network_first\":true"));
        say(&w, REPORT_HELLO, "{}");
        say(&w, REPORT_RESULT,
            "{\"ok\": true, \"error\": null, \"data\": {\"boot_first\": \"network-first\"}}");
        say(&w, REPORT_RESULT, OK);
        say(&w, REPORT_PHONE_HOME, NULL);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
        world_must(&w, "pi4", "erase", NULL);
        world_is(&w, "pi4", STATE_DISK_ERASING, BY_POWER);
}

/* Its own system asks at each start: that is a way back where there is no other, and is heard for as long as
 * it takes. */
static void its_system_asks_whether_it_is_wanted(void **state) {
        (void)state;
        static const unsigned powers[] = { SWITCHES, 0 };
        static const struct row disk_first = { .first = "disk-first" };

        for (size_t i = 0; i < ARRAY_LEN(powers); i++) {
                WORLD(w);
                struct row row = disk_first;
                row.power_can = powers[i];
                deploy(&w, &row);
                world_must(&w, "pi4", "release", NULL);
                if (w.power_job)
                        world_power(&w);
                order(&w, "deploy", "{\"image\": \"installed\", \"asks_back\": true}");
                assert_non_null(strstr(world_machine(&w, "pi4")->task, "/wanted\""));
                say(&w, REPORT_HELLO, "{}");
                say(&w, REPORT_RESULT, OK);
                say(&w, REPORT_RESULT, OK);
                say(&w, REPORT_PHONE_HOME, NULL);
                world_is(&w, "pi4", STATE_DEPLOYED, NULL); /* no warning: it comes back */
                assert_false(boot_purpose_is_agent(machine_purpose(world_machine(&w, "pi4"))));
                uint8_t token[MACHINE_TOKEN_HASH_SIZE];
                memcpy(token, world_machine(&w, "pi4")->token_hash, sizeof(token));

                world_must(&w, "pi4", "erase", NULL);
                world_is(&w, "pi4", STATE_DISK_ERASING, powers[i] ? BY_POWER : "asks at its next start");
                if (w.power_job)
                        world_power(&w);
                const struct machine *m = site_machine_by_token(w.site, token);
                assert_true(m && boot_purpose_is_agent(machine_purpose(m))); /* what it is told */
                say(&w, REPORT_PHONE_HOME, NULL); /* its old system, started once more */
                world_is(&w, "pi4", STATE_DISK_ERASING, "");
                say(&w, REPORT_HELLO, "{}");
                assert_null(site_machine_by_token(w.site, token)); /* it has come: nobody asks any more */
                say(&w, REPORT_RESULT, OK);
                world_is(&w, "pi4", STATE_READY, NULL);
        }
}

static void set_board(struct world *w, const char *name, const char *board) {
        CLEANUP(machine_drop_at) struct machine *m = machine_copy(world_machine(w, name));

        (void)snprintf(m->board, sizeof(m->board), "%s", board);
        world_put(w, m);
}

#define FOUND(first) \
        "{\"ok\": true, \"error\": null, \"data\": {\"board\": {\"boot_first\": \"" first \
        "\", \"trust\": \"network-trusted\"}}}"

/* Its agent puts the update on the card and reboots; only what it says afterwards shows whether it was taken.
 */
static void is_told_to_boot_by_its_eeprom(void **state) {
        (void)state;
        static const struct {
                const char *inventory, *reason;
                enum machine_state state;
        } rows[] = {
                { FOUND("disk-first"), "has not taken the update", STATE_FAILED_COMMISSIONING },
                { FOUND("network-first"), "switched off", STATE_READY },
        };
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        set_board(&w, "pi4", "pi4b");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                world_must(&w, "pi4", "convert", "{\"to\": \"eeprom\"}");
                if (w.power_job)
                        world_power(&w);
                world_say(&w, "pi4", REPORT_HELLO, "{}");
                assert_string_equal(world_task(&w, "pi4"), "convert");
                assert_non_null(strstr(world_machine(&w, "pi4")->task, "\"recovery\":{"));
                const size_t n_log = w.n_log;
                world_say(&w, "pi4", REPORT_RESULT, OK);
                assert_true(w.power_job == 0 &&
                            w.n_log == n_log); /* nobody switches a board that writes its EEPROM */
                world_is(&w, "pi4", STATE_COMMISSIONING, "agent is waited for");
                world_say(&w, "pi4", REPORT_HELLO, "{}");
                world_say(&w, "pi4", REPORT_RESULT, rows[i].inventory);
                world_is(&w, "pi4", rows[i].state, rows[i].reason);
                if (w.power_job)
                        world_power(&w);
        }
        assert_string_equal(world_machine(&w, "pi4")->trust, "network-trusted");
}

static void says_what_has_no_eeprom(void **state) {
        (void)state;
        static const struct {
                const char *board, *wish, *sentence;
        } rows[] = {
                { "", "{\"to\": \"eeprom\"}", "machine set pi4 --board" },
                { "pi3b", "{\"to\": \"eeprom\"}", "has no EEPROM" },
                { "pi5", "{\"to\": \"eeprom\"}", "there is no image eeprom-2712" },
                { "pi4b", "{\"to\": \"floppy\"}", "there is eeprom" },
                { "pi4b", "{}", "\"to\" is missing" },
        };
        WORLD(w);
        struct error error = {};

        world_add(&w, "pi4", 7, "fake");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                set_board(&w, "pi4", rows[i].board);
                if (world_order(&w, "pi4", "convert", rows[i].wish, &error) >= 0 ||
                    !strstr(error.text, rows[i].sentence))
                        fail_msg("%s, %s: \"%s\"", rows[i].board, rows[i].wish, error.text);
        }
        world_is(&w, "pi4", STATE_NEW, NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(comes_back_as_it_can),
                cmocka_unit_test(warns_before_its_agent_is_gone),
                cmocka_unit_test(gives_up_what_cannot_come),
                cmocka_unit_test(believes_its_operator),
                cmocka_unit_test(its_boot_order_is_changed),
                cmocka_unit_test(its_system_asks_whether_it_is_wanted),
                cmocka_unit_test(is_told_to_boot_by_its_eeprom),
                cmocka_unit_test(says_what_has_no_eeprom),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
