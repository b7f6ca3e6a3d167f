/* When actions start: conversations with the queue, a line for each moment. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/power/power_queue.h"

enum what { ADD, START, NONE, DONE, DROP, WAIT };

struct moment {
        uint64_t now_ms;
        enum what what;
        uint64_t id;
        /* ADD */
        uint64_t machine;
        const char *controller;
        enum power_action action;
        unsigned at_once, stagger_ms;
        /* WAIT */
        uint64_t wait_ms;
};

#define ADD_JOB(job, of, hangs_on, does, few, apart) \
        { \
                .what = ADD, .id = (job), .machine = (of), .controller = (hangs_on), .action = (does), \
                .at_once = (few), .stagger_ms = (apart) \
        }
#define STARTS(now, job) \
        { .now_ms = (now), .what = START, .id = (job) }
#define NOTHING(now) \
        { .now_ms = (now), .what = NONE }
#define ENDS(job) \
        { .what = DONE, .id = (job) }
#define DROPS(job) \
        { .what = DROP, .id = (job) }
#define WAITS(now, ms) \
        { .now_ms = (now), .what = WAIT, .wait_ms = (ms) }

static const struct moment one_at_a_time_for_a_machine[] = {
        ADD_JOB(1, 7, "", POWER_TURN_OFF, 0, 0),
        ADD_JOB(2, 7, "", POWER_TURN_ON, 0, 0),
        ADD_JOB(3, 8, "", POWER_QUERY, 0, 0),
        STARTS(0, 1),
        STARTS(0, 3), /* another machine */
        NOTHING(0),
        WAITS(0, UINT64_MAX),
        ENDS(3),
        NOTHING(5000),
        ENDS(1),
        STARTS(5000, 2),
        ENDS(2),
};

static const struct moment in_the_order_in_which_they_came[] = {
        ADD_JOB(1, 7, "busy", POWER_QUERY, 1, 0),
        ADD_JOB(2, 8, "busy", POWER_TURN_OFF, 1, 0),
        ADD_JOB(3, 8, "free", POWER_TURN_ON, 1, 0), /* its machine moved to another switch meanwhile */
        STARTS(0, 1),
        NOTHING(0), /* 3 could start, but 2 is its machine's older wish */
        ENDS(1),
        STARTS(0, 2),
        NOTHING(0),
        ENDS(2),
        STARTS(0, 3),
        ENDS(3),
};

static const struct moment so_many_at_once_for_a_switch[] = {
        ADD_JOB(1, 1, "switch a", POWER_QUERY, 2, 0),
        ADD_JOB(2, 2, "switch a", POWER_QUERY, 2, 0),
        ADD_JOB(3, 3, "switch a", POWER_QUERY, 2, 0),
        ADD_JOB(4, 4, "switch b", POWER_QUERY, 2, 0),
        STARTS(0, 1),
        STARTS(0, 2),
        STARTS(0, 4), /* does not wait behind the other switch's */
        NOTHING(0),
        ENDS(2),
        STARTS(0, 3),
        ENDS(1),
        ENDS(3),
        ENDS(4),
};

static const struct moment so_many_at_once_in_all[] = {
        ADD_JOB(1, 1, "", POWER_QUERY, 0, 0),
        ADD_JOB(2, 2, "", POWER_QUERY, 0, 0),
        ADD_JOB(3, 3, "", POWER_QUERY, 0, 0),
        ADD_JOB(4, 4, "", POWER_QUERY, 0, 0),
        ADD_JOB(5, 5, "", POWER_QUERY, 0, 0),
        STARTS(0, 1),
        STARTS(0, 2),
        STARTS(0, 3),
        STARTS(0, 4),
        NOTHING(0),
        WAITS(0, UINT64_MAX),
        ENDS(3),
        STARTS(0, 5),
        ENDS(1),
        ENDS(2),
        ENDS(4),
        ENDS(5),
};

static const struct moment a_switch_does_not_see_all_start_together[] = {
        ADD_JOB(1, 1, "switch a", POWER_TURN_ON, 4, 250),
        ADD_JOB(2, 2, "switch a", POWER_CYCLE, 4, 250),
        ADD_JOB(3, 3, "switch a", POWER_TURN_OFF, 4, 250),
        ADD_JOB(4, 4, "switch b", POWER_TURN_ON, 4, 250),
        STARTS(1000, 1),
        STARTS(1000, 3), /* off draws nothing */
        WAITS(1000, 20), /* the whole site's turn comes first: switch b */
        NOTHING(1019),
        STARTS(1020, 4),
        WAITS(1021, 229),
        NOTHING(1249),
        STARTS(1250, 2),
        ENDS(1),
        ENDS(2),
        ENDS(3),
        ENDS(4),
};

static const struct moment what_waits_can_be_dropped[] = {
        ADD_JOB(1, 7, "", POWER_TURN_OFF, 0, 0),
        ADD_JOB(2, 7, "", POWER_TURN_ON, 0, 0),
        ADD_JOB(3, 7, "", POWER_QUERY, 0, 0),
        STARTS(0, 1),
        DROPS(2),
        ENDS(1),
        STARTS(0, 3),
        ENDS(3),
};

static const char *play(struct power_queue *q, const struct moment *m) {
        struct power_job job = { .id = m->id,
                                 .machine = m->machine,
                                 .action = m->action,
                                 .at_once = m->at_once,
                                 .stagger_ms = m->stagger_ms };
        struct power_job got = {};
        uint64_t wait_ms;

        switch (m->what) {
        case ADD:
                (void)snprintf(job.controller, sizeof(job.controller), "%s", m->controller);
                return power_queue_add(q, &job) == 0 ? NULL : "cannot be added";
        case START:
                if (!power_queue_next(q, m->now_ms, &got))
                        return "does not start";
                return got.id == m->id ? NULL : "another one starts";
        case NONE:
                return power_queue_next(q, m->now_ms, &got) ? "something starts" : NULL;
        case DONE:
                power_queue_done(q, m->id);
                return NULL;
        case DROP:
                return power_queue_drop(q, m->id) ? NULL : "cannot be dropped";
        case WAIT:
                wait_ms = power_queue_wait_ms(q, m->now_ms);
                return wait_ms == m->wait_ms ? NULL : "another wait";
        }
        return "what?";
}

static void conversations(void **state) {
        static const struct {
                const char *name;
                const struct moment *moments;
                size_t n;
        } all[] = {
#define CONVERSATION(moments) { #moments, moments, ARRAY_LEN(moments) }
                CONVERSATION(one_at_a_time_for_a_machine),
                CONVERSATION(in_the_order_in_which_they_came),
                CONVERSATION(so_many_at_once_for_a_switch),
                CONVERSATION(so_many_at_once_in_all),
                CONVERSATION(a_switch_does_not_see_all_start_together),
                CONVERSATION(what_waits_can_be_dropped),
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(all); i++) {
                CLEANUP(power_queue_free_at) struct power_queue *q = power_queue_new(4, 20);
                for (size_t j = 0; j < all[i].n; j++) {
                        const char *fault = play(q, &all[i].moments[j]);
                        if (fault)
                                fail_msg("%s: moment %zu: %s", all[i].name, j + 1, fault);
                }
                assert_int_equal(power_queue_len(q), 0);
        }
}

static void refuses_what_it_has_or_cannot_hold(void **state) {
        CLEANUP(power_queue_free_at) struct power_queue *q = power_queue_new(4, 0);
        struct power_job job = { .id = 1, .machine = 1 }, got;

        (void)state;
        assert_int_equal(power_queue_add(q, &job), 0);
        assert_int_equal(power_queue_add(q, &job), -EEXIST);
        assert_false(power_queue_drop(q, 2));
        assert_true(power_queue_next(q, 0, &got));
        assert_false(power_queue_drop(q, 1)); /* too late */
        power_queue_done(q, 2);               /* nobody's */
        assert_int_equal(power_queue_len(q), 1);
        for (job.id = 2; power_queue_len(q) < POWER_QUEUE_MAX; job.id++) {
                job.machine = job.id;
                assert_int_equal(power_queue_add(q, &job), 0);
        }
        assert_int_equal(power_queue_add(q, &job), -ENOSPC);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(conversations),
                cmocka_unit_test(refuses_what_it_has_or_cannot_hold),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
