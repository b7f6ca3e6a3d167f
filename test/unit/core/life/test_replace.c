/* Another board for a machine: what stays, what goes along, and what the old one is from then on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "life_world.h"

#define OK "{\"ok\": true, \"error\": null, \"data\": {}}"
#define INVENTORY "{\"ok\": true, \"error\": null, \"data\": {\"board\": {\"boot_first\": \"disk-first\"}}}"
#define WORLD(name) \
        CLEANUP(world_close) struct world name; \
        world_open(&name)

static const struct mac first = { { 2, 0, 0, 0, 0, 7 } }, second = { { 2, 0, 0, 0, 0, 8 } };

/* Deployed over the network, with a seed that says where to phone home. */
static void deploy(struct world *w) {
        world_add(w, "shelf", 7, "fake");
        world_must(w, "shelf", "commission", "{\"scripts\": []}");
        world_power(w);
        world_say(w, "shelf", REPORT_HELLO, "{}");
        world_say(w, "shelf", REPORT_RESULT, INVENTORY);
        world_power(w);
        world_must(w, "shelf", "deploy", "{\"image\": \"live\", \"owner\": \"zoe\"}");
        world_power(w);
        world_say(w, "shelf", REPORT_PHONE_HOME, NULL);
        world_is(w, "shelf", STATE_DEPLOYED, NULL);
}

static void it_stays_what_it_was(void **state) {
        (void)state;
        WORLD(w);
        uint8_t token[MACHINE_TOKEN_HASH_SIZE];

        deploy(&w);
        const struct machine *m = world_machine(&w, "shelf");
        const uint64_t id = m->id;
        const struct eeprom_order update = { .rollout = 1,
                                             .now = { .image = "eeprom-2711@1", .config = "" } };
        assert_int_equal(life_set_eeprom(w.life, "shelf", &update, NULL), 0);
        world_say(&w, "shelf", REPORT_HELLO, "{\"eeprom\": {\"config\": \"A=1\"}}");
        m = world_machine(&w, "shelf");
        assert_true(m->eeprom && m->eeprom_found);
        memcpy(token, m->token_hash, sizeof(token));
        const uint64_t deployment = m->deployment;
        world_must(&w, "shelf", "replace", "{\"with\": \"02:00:00:00:00:08\", \"address\": \"10.77.0.9\"}");

        m = world_machine(&w, "shelf");
        world_is(&w, "shelf", STATE_DEPLOYED, NULL);
        assert_true(m->id == id && m->root == ROOT_RAM && m->boots_own);
        assert_true(deployment != 0 &&
                    m->deployment == deployment); /* what the server keeps for it is its own */
        assert_string_equal(m->image, "live");
        assert_string_equal(m->owner, "zoe");
        assert_true(m->n_macs == 1 && mac_equal(&m->macs[0], &second));
        assert_int_equal(m->ip.octets[3], 9);
        assert_ptr_equal(site_machine_by_mac(w.site, &second), m);
        assert_null(m->eeprom); /* that was for the old board's */
        assert_null(m->eeprom_found);
        assert_true(m->inventory_s == 0 &&
                    m->found_first == BOOT_FIRST_UNKNOWN); /* nobody has looked at this one */

        /* What the old board knew opens nothing any more, and what the new one is told is whole. */
        assert_null(site_machine_by_token(w.site, token));
        assert_true(m->has_token);
        assert_ptr_equal(site_machine_by_token(w.site, m->token_hash), m);
        assert_non_null(strstr(m->seed, "/phone-home"));

        const struct machine *old = site_machine_by_mac(w.site, &first);
        assert_string_equal(old->name, "shelf-replaced");
        assert_int_equal(machine_purpose(old), PURPOSE_REFUSE);
        assert_non_null(strstr(old->reason, "its place as shelf was taken by another board"));
}

/* It enlisted itself, and was looked at: its record becomes that of the machine. */
static void the_new_boards_record_goes_along(void **state) {
        (void)state;
        WORLD(w);

        deploy(&w);
        world_stranger(&w, 8, REPORT_HELLO, 0, "{}");
        world_stranger(&w, 8, REPORT_RESULT, AGENT_TASK_ENLIST, INVENTORY);
        const struct machine *other = site_machine_by_mac(w.site, &second);
        assert_non_null(other);
        const uint64_t gone = other->id;
        world_must(&w, "shelf", "replace", "{\"with\": \"a1b20008\"}");
        const struct machine *m = world_machine(&w, "shelf");
        assert_null(site_machine(w.site, gone));
        assert_true(m->has_serial && m->serial == 0xa1b20008 && mac_equal(&m->macs[0], &second));
        assert_true(m->inventory_s != 0 && m->found_first == BOOT_FIRST_DISK);
        assert_string_equal(m->board, "pi4b");

        /* And back again: the old board takes its place from the one that is gone. */
        world_must(&w, "shelf", "replace", "{\"with\": \"02:00:00:00:00:07\"}");
        assert_true(mac_equal(&world_machine(&w, "shelf")->macs[0], &first));
        assert_string_equal(site_machine_by_mac(w.site, &second)->name, "shelf-replaced-2");
        assert_null(site_machine_by_name(w.site, "shelf-replaced"));
}

/* The agent that was heard a moment ago runs on the old board. */
static void the_old_boards_agent_is_not_its_agent(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "shelf", 7, "fake");
        world_must(&w, "shelf", "commission", "{\"scripts\": []}");
        world_power(&w);
        world_say(&w, "shelf", REPORT_HELLO, "{}");
        world_say(&w, "shelf", REPORT_RESULT, INVENTORY);
        world_power(&w);
        world_must(&w, "shelf", "replace", "{\"with\": \"02:00:00:00:00:08\"}");
        world_must(&w, "shelf", "commission", NULL);
        world_is(&w, "shelf", STATE_COMMISSIONING, "power is being switched");
}

static void a_disk_does_not_come_along(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "shelf", 7, "fake");
        world_must(&w, "shelf", "commission", "{\"scripts\": []}");
        world_power(&w);
        world_say(&w, "shelf", REPORT_HELLO, "{}");
        world_say(&w, "shelf", REPORT_RESULT, OK);
        world_power(&w);
        world_must(&w, "shelf", "deploy", "{\"image\": \"appliance\"}");
        world_power(&w);
        world_say(&w, "shelf", REPORT_HELLO, "{}");
        world_say(&w, "shelf", REPORT_RESULT, OK);
        world_must(&w, "shelf", "replace", "{\"with\": \"02:00:00:00:00:08\"}");
        world_is(&w, "shelf", STATE_DEPLOYED, "move that disk over");
}

static void says_what_cannot_be(void **state) {
        (void)state;
        static const struct {
                const char *wish, *sentence;
                int result;
        } rows[] = {
                { "{}", "\"with\" is missing", -EINVAL },
                { "{\"with\": \"floppy\"}", "is no MAC and no serial", -EINVAL },
                { "{\"with\": \"02:00:00:00:00:07\"}", "is of the board that machine shelf has", -EINVAL },
                { "{\"with\": \"02:00:00:00:00:09\"}", "machine busy, which is Commissioning", -EBUSY },
                { "{\"with\": \"02:00:00:00:00:0a\"}", "which is New and locked", -EBUSY },
                { "{\"with\": \"02:00:00:00:00:08\", \"address\": \"here\"}", "is no address", -EINVAL },
        };
        WORLD(w);
        struct error error = {};

        deploy(&w);
        world_add(&w, "busy", 9, "");
        world_must(&w, "busy", "commission", NULL);
        world_add(&w, "locked", 10, "");
        world_must(&w, "locked", "lock", NULL);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                if (world_order(&w, "shelf", "replace", rows[i].wish, &error) != rows[i].result ||
                    !strstr(error.text, rows[i].sentence))
                        fail_msg("%s: \"%s\"", rows[i].wish, error.text);
        }
        assert_int_equal(world_order(&w, "busy", "replace", "{\"with\": \"02:00:00:00:00:08\"}", &error),
                         -EBUSY);
        assert_non_null(strstr(error.text, "when that is over"));
        assert_true(mac_equal(&world_machine(&w, "shelf")->macs[0], &first));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_stays_what_it_was),
                cmocka_unit_test(the_new_boards_record_goes_along),
                cmocka_unit_test(the_old_boards_agent_is_not_its_agent),
                cmocka_unit_test(a_disk_does_not_come_along),
                cmocka_unit_test(says_what_cannot_be),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
