/* The lifecycle's names and steps; the contract checks the table as a whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/machine/lifecycle.h"

static void has_the_numbers_and_names_of_maas(void **state) {
        (void)state;
        static const char *const names[] = {
                "New",
                "Commissioning",
                "Failed commissioning",
                "Missing",
                "Ready",
                "Reserved",
                "Deployed",
                "Retired",
                "Broken",
                "Deploying",
                "Allocated",
                "Failed deployment",
                "Releasing",
                "Releasing failed",
                "Disk erasing",
                "Failed disk erasing",
                "Rescue mode",
                "Entering rescue mode",
                "Failed to enter rescue mode",
                "Exiting rescue mode",
                "Failed to exit rescue mode",
                "Testing",
                "Failed testing",
        };
        assert_int_equal(ARRAY_LEN(names), MACHINE_STATES);
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
                assert_string_equal(machine_state_name((enum machine_state)i), names[i]);
        assert_string_equal(machine_state_name(STATE_PRIOR), "");
}

static void reads_states_as_people_type_them(void **state) {
        (void)state;
        enum machine_state s = STATE_NEW;

        assert_int_equal(machine_state_parse("Failed to exit rescue mode", &s), 0);
        assert_int_equal(s, STATE_FAILED_EXITING_RESCUE_MODE);
        assert_int_equal(machine_state_parse("failed-commissioning", &s), 0);
        assert_int_equal(s, STATE_FAILED_COMMISSIONING);
        assert_int_equal(machine_state_parse("DISK_ERASING", &s), 0);
        assert_int_equal(s, STATE_DISK_ERASING);
        assert_int_equal(machine_state_parse("failed", &s), -EINVAL);
        assert_int_equal(machine_state_parse("readyy", &s), -EINVAL);
        assert_int_equal(machine_state_parse("", &s), -EINVAL);
}

static void names_every_event_action_and_purpose(void **state) {
        (void)state;
        for (size_t i = 0; i < MACHINE_EVENTS; i++) {
                enum machine_event e = MACHINE_EVENTS;
                assert_int_equal(machine_event_parse(machine_event_name((enum machine_event)i), &e), 0);
                assert_int_equal(e, i);
        }
        for (unsigned flag = 1; flag < ACT_ALL; flag <<= 1)
                assert_true(machine_action_name(flag)[0]);
        assert_string_equal(machine_action_name(ACT_PARK_OR_OFF), "park-or-off");
        assert_string_equal(machine_action_name(ACT_NONE), "");
        for (size_t i = 0; i < BOOT_PURPOSES; i++)
                assert_true(boot_purpose_name((enum boot_purpose)i)[0]);
        assert_string_equal(boot_purpose_name(PURPOSE_PARK), "park");
        assert_false(boot_purpose_is_agent(PURPOSE_LOCAL));
        assert_true(boot_purpose_is_agent(PURPOSE_ENLIST));
        assert_true(boot_purpose_is_agent(PURPOSE_PARK));
}

/* The whole good way, and what it needs at each step. */
static void leads_from_new_to_deployed_and_back(void **state) {
        (void)state;
        static const struct {
                enum machine_event event;
                enum machine_state to;
                unsigned action;
        } way[] = {
                { EVENT_COMMISSION, STATE_COMMISSIONING, ACT_TASK_INVENTORY | ACT_BOOT_AGENT },
                { EVENT_AGENT_UP, STATE_COMMISSIONING, ACT_NONE },
                { EVENT_INVENTORY, STATE_COMMISSIONING, ACT_TASK_SCRIPTS },
                { EVENT_SCRIPTS_PASSED, STATE_READY, ACT_PARK_OR_OFF },
                { EVENT_ACQUIRE, STATE_ALLOCATED, ACT_NONE },
                { EVENT_DEPLOY_DISK, STATE_DEPLOYING, ACT_TASK_DEPLOY | ACT_BOOT_AGENT },
                { EVENT_WRITTEN, STATE_DEPLOYING, ACT_BOOT_OWN },
                { EVENT_UP, STATE_DEPLOYED, ACT_NONE },
                { EVENT_ERASE, STATE_DISK_ERASING, ACT_FORGET | ACT_TASK_ERASE | ACT_BOOT_AGENT },
                { EVENT_ERASED, STATE_READY, ACT_PARK_OR_OFF },
        };
        enum machine_state s = STATE_NEW;

        for (size_t i = 0; i < ARRAY_LEN(way); i++) {
                const struct lifecycle_row *row = lifecycle_step(s, way[i].event);
                assert_non_null(row);
                assert_int_equal(row->to, way[i].to);
                assert_int_equal(row->action, way[i].action);
                s = row->to;
        }
        assert_null(lifecycle_step(STATE_READY, EVENT_DEPLOY_DISK)); /* to Deploying only from Allocated */
        assert_null(lifecycle_step(STATE_DEPLOYED, EVENT_AGENT_UP));
}

static void returns_to_what_it_was(void **state) {
        (void)state;
        assert_int_equal(lifecycle_return(STATE_EXITING_RESCUE_MODE, STATE_FAILED_DEPLOYMENT, false),
                         STATE_FAILED_DEPLOYMENT);
        assert_int_equal(lifecycle_return(STATE_EXITING_RESCUE_MODE, STATE_DEPLOYED, true), STATE_DEPLOYED);
        assert_int_equal(lifecycle_return(STATE_EXITING_RESCUE_MODE, STATE_DEPLOYING, false), STATE_READY);
        assert_int_equal(lifecycle_return(STATE_TESTING, STATE_ALLOCATED, false), STATE_ALLOCATED);
        assert_int_equal(lifecycle_return(STATE_TESTING, STATE_BROKEN, false), STATE_READY);
        assert_int_equal(lifecycle_return(STATE_BROKEN, STATE_NEW, false), STATE_READY);
        assert_int_equal(lifecycle_return(STATE_BROKEN, STATE_NEW, true),
                         STATE_DEPLOYED); /* it still runs there */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(has_the_numbers_and_names_of_maas),
                cmocka_unit_test(reads_states_as_people_type_them),
                cmocka_unit_test(names_every_event_action_and_purpose),
                cmocka_unit_test(leads_from_new_to_deployed_and_back),
                cmocka_unit_test(returns_to_what_it_was),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
