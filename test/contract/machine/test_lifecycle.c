/*
 * What every row of the lifecycle table must keep: it goes only where MAAS' states may go, no state is a
 * trap, no wait is for ever.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/machine/lifecycle.h"

#define S(name) (1U << STATE_##name)
#define RESTING \
        (S(NEW) | S(FAILED_COMMISSIONING) | S(MISSING) | S(READY) | S(RESERVED) | S(DEPLOYED) | S(RETIRED) | \
         S(BROKEN) | S(ALLOCATED) | S(FAILED_DEPLOYMENT) | S(FAILED_RELEASING) | S(FAILED_DISK_ERASING) | \
         S(RESCUE_MODE) | S(FAILED_ENTERING_RESCUE_MODE) | S(FAILED_EXITING_RESCUE_MODE) | \
         S(FAILED_TESTING))

/* Where MAAS' machines may go: its table of transitions, whole; and where ours go besides. */
static const uint32_t allowed[MACHINE_STATES] = {
        [STATE_NEW] = S(COMMISSIONING) | S(TESTING) | S(MISSING) | S(READY) | S(RETIRED) | S(BROKEN) |
                      S(ENTERING_RESCUE_MODE),
        [STATE_COMMISSIONING] = S(FAILED_COMMISSIONING) | S(READY) | S(RETIRED) | S(MISSING) | S(NEW) |
                                S(BROKEN) | S(TESTING),
        [STATE_FAILED_COMMISSIONING] =
                S(COMMISSIONING) | S(MISSING) | S(RETIRED) | S(BROKEN) | S(ENTERING_RESCUE_MODE) | S(TESTING),
        [STATE_READY] = S(ENTERING_RESCUE_MODE) | S(COMMISSIONING) | S(ALLOCATED) | S(RESERVED) | S(RETIRED) |
                        S(MISSING) | S(BROKEN) | S(TESTING),
        [STATE_RESERVED] = S(READY) | S(ALLOCATED) | S(RETIRED) | S(MISSING) | S(BROKEN) | S(DISK_ERASING) |
                           S(RELEASING) | S(ENTERING_RESCUE_MODE) | S(TESTING),
        [STATE_ALLOCATED] = S(READY) | S(RETIRED) | S(MISSING) | S(BROKEN) | S(DEPLOYING) | S(DISK_ERASING) |
                            S(RELEASING) | S(ENTERING_RESCUE_MODE) | S(TESTING),
        [STATE_DEPLOYING] = S(ALLOCATED) | S(MISSING) | S(BROKEN) | S(FAILED_DEPLOYMENT) | S(DEPLOYED) |
                            S(READY) | S(DISK_ERASING) | S(RELEASING),
        [STATE_FAILED_DEPLOYMENT] = S(ALLOCATED) | S(MISSING) | S(BROKEN) | S(READY) | S(DISK_ERASING) |
                                    S(RELEASING) | S(ENTERING_RESCUE_MODE) | S(TESTING),
        [STATE_DEPLOYED] = S(ALLOCATED) | S(MISSING) | S(BROKEN) | S(READY) | S(DISK_ERASING) | S(RELEASING) |
                           S(ENTERING_RESCUE_MODE) | S(TESTING) |
                           S(DEPLOYING), /* ours alone: a new revision on trial, where MAAS releases first */
        [STATE_RELEASING] = S(NEW) | S(ALLOCATED) | S(RESERVED) | S(DEPLOYED) | S(READY) | S(BROKEN) |
                            S(MISSING) | S(FAILED_DEPLOYMENT) | S(FAILED_DISK_ERASING) | S(FAILED_RELEASING),
        [STATE_FAILED_RELEASING] = S(RELEASING) | S(DISK_ERASING) | S(READY) | S(BROKEN) | S(TESTING),
        [STATE_DISK_ERASING] = S(BROKEN) | S(DISK_ERASING) | S(FAILED_DISK_ERASING) | S(READY) | S(RELEASING),
        [STATE_FAILED_DISK_ERASING] = S(DISK_ERASING) | S(RELEASING) | S(BROKEN) | S(ALLOCATED) | S(READY) |
                                      S(ENTERING_RESCUE_MODE) | S(TESTING),
        [STATE_MISSING] = S(NEW) | S(READY) | S(ALLOCATED) | S(COMMISSIONING) | S(BROKEN) |
                          S(ENTERING_RESCUE_MODE) | S(TESTING) | S(RETIRED),
        [STATE_RETIRED] = S(NEW) | S(READY) | S(MISSING) | S(BROKEN) | S(ENTERING_RESCUE_MODE) | S(TESTING),
        [STATE_BROKEN] = S(COMMISSIONING) | S(READY) | S(DISK_ERASING) | S(RELEASING) |
                         S(ENTERING_RESCUE_MODE) | S(TESTING) | S(DEPLOYED),
        [STATE_ENTERING_RESCUE_MODE] = S(READY) | S(BROKEN) | S(DEPLOYED) | S(RESCUE_MODE) |
                                       S(FAILED_ENTERING_RESCUE_MODE) | S(EXITING_RESCUE_MODE),
        [STATE_FAILED_ENTERING_RESCUE_MODE] =
                S(BROKEN) | S(ENTERING_RESCUE_MODE) | S(EXITING_RESCUE_MODE) | S(TESTING),
        [STATE_RESCUE_MODE] = S(BROKEN) | S(EXITING_RESCUE_MODE) | S(TESTING),
        [STATE_EXITING_RESCUE_MODE] = RESTING,
        [STATE_FAILED_EXITING_RESCUE_MODE] = S(BROKEN) | S(EXITING_RESCUE_MODE) | S(TESTING),
        [STATE_TESTING] = S(FAILED_TESTING) | S(READY) | S(RESERVED) | S(ALLOCATED) | S(DEPLOYED),
        [STATE_FAILED_TESTING] = S(COMMISSIONING) | S(BROKEN) | S(MISSING) | S(ENTERING_RESCUE_MODE) |
                                 S(TESTING) | S(READY) | S(DEPLOYED),
};

#define TASKS \
        (ACT_TASK_INVENTORY | ACT_TASK_SCRIPTS | ACT_TASK_DEPLOY | ACT_TASK_ERASE | ACT_TASK_RESCUE | \
         ACT_TASK_PARK | ACT_TASK_CONVERT)
#define PLACES (ACT_BOOT_AGENT | ACT_BOOT_OWN | ACT_LEAVE | ACT_PARK_OR_OFF)

static void fail_row(const struct lifecycle_row *row, const char *why) {
        fail_msg("%s, %s: %s", machine_state_name(row->from), machine_event_name(row->event), why);
}

/* Where a row can end, whatever the machine was before. */
static uint32_t ends_of(const struct lifecycle_row *row) {
        uint32_t ends = 0;

        if (row->to != STATE_PRIOR)
                return 1U << row->to;
        for (size_t prior = 0; prior < MACHINE_STATES; prior++) {
                ends |= 1U << lifecycle_return(row->from, (enum machine_state)prior, false);
                ends |= 1U << lifecycle_return(row->from, (enum machine_state)prior, true);
        }
        return ends;
}

static void goes_only_where_it_may(void **state) {
        (void)state;
        for (size_t i = 0; i < lifecycle_len; i++) {
                uint32_t ends = ends_of(&lifecycle[i]) & ~(1U << lifecycle[i].from);
                if (ends & ~allowed[lifecycle[i].from])
                        fail_row(&lifecycle[i], "no machine of MAAS goes there");
        }
}

static void says_one_thing_for_each_event(void **state) {
        (void)state;
        for (size_t i = 0; i < lifecycle_len; i++) {
                const struct lifecycle_row *row = &lifecycle[i];
                if (lifecycle_step(row->from, row->event) != row)
                        fail_row(row, "stands twice");
                if (__builtin_popcount(row->action & TASKS) > 1)
                        fail_row(row, "gives the agent two tasks");
                if (__builtin_popcount(row->action & PLACES) > 1)
                        fail_row(row, "sends the machine to two places");
                if (row->action & ~(unsigned)ACT_ALL)
                        fail_row(row, "does what nobody knows");
                if ((row->action & ACT_BOOT_AGENT) && !(row->action & TASKS))
                        fail_row(row, "boots the agent for nothing");
        }
}

static void waits_for_nothing_for_ever(void **state) {
        (void)state;
        for (size_t i = 0; i < lifecycle_len; i++) {
                const struct lifecycle_row *row = &lifecycle[i];
                const bool waits = row->to != STATE_PRIOR && lifecycle_is_waiting(row->to);
                if (waits && row->timeout_s == 0)
                        fail_row(row, "begins a wait without end");
                if (!waits && row->timeout_s)
                        fail_row(row, "ends a wait that nothing follows from");
                if (row->event == EVENT_TIMEOUT && lifecycle_is_waiting(row->to))
                        fail_row(row, "waits again after waiting in vain");
        }
        for (size_t s = 0; s < MACHINE_STATES; s++) {
                const char *name = machine_state_name((enum machine_state)s);
                const bool is_under_way = strstr(name, "ing") && !strstr(name, "ailed") && s != STATE_MISSING;
                if (lifecycle_is_waiting((enum machine_state)s) != is_under_way)
                        fail_msg("%s: has a timeout, or has none, against its name", name);
                if (is_under_way && !lifecycle_step((enum machine_state)s, EVENT_POWER_FAILED))
                        fail_msg("%s: nothing follows when its power cannot be switched", name);
        }
}

static void reaches_and_leaves_every_state(void **state) {
        (void)state;
        uint32_t reached = S(NEW), left = 0;

        for (size_t round = 0; round < MACHINE_STATES; round++) {
                for (size_t i = 0; i < lifecycle_len; i++) {
                        if (reached >> lifecycle[i].from & 1)
                                reached |= ends_of(&lifecycle[i]);
                        if (ends_of(&lifecycle[i]) & ~(1U << lifecycle[i].from))
                                left |= 1U << lifecycle[i].from;
                }
        }
        for (size_t s = 0; s < MACHINE_STATES; s++) {
                if (!(reached >> s & 1))
                        fail_msg("%s: is never reached", machine_state_name((enum machine_state)s));
                if (!(left >> s & 1))
                        fail_msg("%s: is never left", machine_state_name((enum machine_state)s));
        }
}

/* Whatever happened, people can get a machine to Ready again by asking. */
static void leads_back_to_ready(void **state) {
        (void)state;
        uint32_t good = S(READY);

        for (size_t round = 0; round < MACHINE_STATES; round++) {
                for (size_t i = 0; i < lifecycle_len; i++) {
                        if (ends_of(&lifecycle[i]) & good)
                                good |= 1U << lifecycle[i].from;
                }
        }
        assert_int_equal(good, (1U << MACHINE_STATES) - 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(goes_only_where_it_may),
                cmocka_unit_test(says_one_thing_for_each_event),
                cmocka_unit_test(waits_for_nothing_for_ever),
                cmocka_unit_test(reaches_and_leaves_every_state),
                cmocka_unit_test(leads_back_to_ready),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
