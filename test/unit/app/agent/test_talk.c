/* The agent and its server, told as conversations: what happened and when, and what the agent does next. */
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

#include "app/bramble-agent/talk.h"

enum happens { TIME, HELLO, POLL, PROGRESS, RESULT, MOVED, ENDED };

/* What talk_next() wants, one letter each. */
struct step {
        uint32_t at_ms;
        enum happens happens;
        enum talk_answer answer;
        uint64_t task;
        const char *want; /* h hello, p poll, s stop, b begin, r progress, e result, o root; "" nothing */
        const char *remark;
};

#define END \
        { .want = NULL }

static const struct step quiet_life[] = {
        { 0, TIME, 0, 0, "h", "it begins with a hello" },
        { 5, TIME, 0, 0, "", "one is enough" },
        { 10, HELLO, TALK_OK, 0, "p", "known: any task?" },
        { 50000, TIME, 0, 0, "r", "a heartbeat, while the server still thinks" },
        { 50010, PROGRESS, TALK_NOTHING, 0, "", "" },
        { 50100, POLL, TALK_NOTHING, 0, "", "none yet" },
        { 50200, TIME, 0, 0, "", "a server that answers at once is not asked at once" },
        { 50350, TIME, 0, 0, "p", "asked again" },
        { 80200, TIME, 0, 0, "r", "half a minute without a word" },
        END
};
static const struct step one_task[] = { { 0, TIME, 0, 0, "h", "" },
                                        { 10, HELLO, TALK_OK, 0, "p", "" },
                                        { 20, POLL, TALK_OK, 7, "b", "a task: begin" },
                                        { 1020, TIME, 0, 0, "p", "and hear whether there is another" },
                                        { 1100, MOVED, 0, 0, "r", "it got on" },
                                        { 1200, PROGRESS, TALK_NOTHING, 0, "", "" },
                                        { 1300, MOVED, 0, 0, "", "once a second is enough" },
                                        { 2100, TIME, 0, 0, "r", "now" },
                                        { 2110, PROGRESS, TALK_NOTHING, 0, "", "" },
                                        { 2500, MOVED, 0, 0, "", "" },
                                        { 2600, ENDED, 0, 0, "e",
                                          "what was on its way is no news beside the result" },
                                        { 2700, RESULT, TALK_NOTHING, 0, "", "" },
                                        { 3000, POLL, TALK_OK, 8, "b", "the next one" },
                                        END };
static const struct step another_task_meanwhile[] = {
        { 0, TIME, 0, 0, "h", "" },
        { 10, HELLO, TALK_OK, 0, "p", "" },
        { 20, POLL, TALK_OK, 7, "b", "" },
        { 1020, TIME, 0, 0, "p", "" },
        { 5000, POLL, TALK_OK, 8, "s", "the server wants something else: stop" },
        { 5010, TIME, 0, 0, "", "not before the old one is settled" },
        { 5020, ENDED, 0, 0, "e", "it has stopped" },
        { 5030, RESULT, TALK_NOTHING, 0, "b", "and now the new one" },
        { 6000, TIME, 0, 0, "p", "" },
        { 6010, POLL, TALK_OK, 8, "", "what is known is not done twice" },
        { 6020, ENDED, 0, 0, "e", "" },
        { 6030, RESULT, TALK_NOTHING, 0, "", "" },
        END
};
static const struct step server_away[] = { { 0, TIME, 0, 0, "h", "" },
                                           { 10, HELLO, TALK_FAILED, 0, "", "" },
                                           { 1000, TIME, 0, 0, "", "one second" },
                                           { 1010, TIME, 0, 0, "h", "" },
                                           { 1020, HELLO, TALK_FAILED, 0, "", "" },
                                           { 3019, TIME, 0, 0, "", "two" },
                                           { 3020, TIME, 0, 0, "h", "" },
                                           { 3030, HELLO, TALK_FAILED, 0, "", "" },
                                           { 7030, TIME, 0, 0, "h", "four" },
                                           { 7040, HELLO, TALK_OK, 0, "p", "back" },
                                           { 7050, POLL, TALK_FAILED, 0, "",
                                             "gone again, before it gave a task" },
                                           { 8050, TIME, 0, 0, "p", "one second again" },
                                           { 8060, POLL, TALK_OK, 3, "b", "" },
                                           { 9060, TIME, 0, 0, "p", "" },
                                           { 9070, ENDED, 0, 0, "e", "" },
                                           { 9080, RESULT, TALK_FAILED, 0, "", "a result is not lost" },
                                           { 9090, POLL, TALK_FAILED, 0, "", "" },
                                           { 10080, TIME, 0, 0, "e", "" },
                                           { 10085, RESULT, TALK_FAILED, 0, "", "" },
                                           { 10090, TIME, 0, 0, "p", "" },
                                           { 12085, TIME, 0, 0, "e", "" },
                                           { 12090, RESULT, TALK_NOTHING, 0, "", "it has it" },
                                           END };
static const struct step refused[] = {
        { 0, TIME, 0, 0, "h", "" },
        { 10, HELLO, TALK_OK, 0, "p", "" },
        { 20, POLL, TALK_OK, 5, "b", "" },
        { 1020, TIME, 0, 0, "p", "" },
        { 1030, POLL, TALK_REFUSED, 0, "", "the server forgot us: a hello, and slowly" },
        { 1500, ENDED, 0, 0, "", "a result for a server that does not know us waits" },
        { 2030, TIME, 0, 0, "h", "" },
        { 2040, HELLO, TALK_REFUSED, 0, "", "" },
        { 4040, TIME, 0, 0, "h", "" },
        { 4050, HELLO, TALK_OK, 0, "pe", "it knows us again, and gets what was kept" },
        { 4060, RESULT, TALK_REFUSED, 0, "", "but does not want it: then nobody gets it" },
        { 4070, POLL, TALK_OK, 6, "b", "" },
        END
};
static const struct step heartbeat_while_working[] = {
        { 0, TIME, 0, 0, "h", "" },
        { 10, HELLO, TALK_OK, 0, "p", "" },
        { 20, POLL, TALK_OK, 5, "b", "" },
        { 1020, TIME, 0, 0, "p", "" },
        { 30020, TIME, 0, 0, "r", "a job that says nothing for long is still there" },
        { 30030, PROGRESS, TALK_FAILED, 0, "", "not taken" },
        { 31500, MOVED, 0, 0, "", "not asked every second while it is in trouble" },
        { 35030, TIME, 0, 0, "r", "" },
        END
};

/* An agent that is there to start the machine's own system: talk.wants_root. */
static const struct step starts_a_system[] = {
        { 0, TIME, 0, 0, "h", "" },
        { 10, HELLO, TALK_OK, 0, "po", "the root, as long as there is no task" },
        { 1020, MOVED, 0, 0, "r", "" },
        { 1030, PROGRESS, TALK_NOTHING, 0, "", "" },
        { 9000, ENDED, 0, 0, "e", "it cannot be had" },
        { 9010, RESULT, TALK_NOTHING, 0, "", "" },
        { 39010, TIME, 0, 0, "r", "" },
        { 39020, PROGRESS, TALK_NOTHING, 0, "", "" },
        { 69009, TIME, 0, 0, "", "a minute" },
        { 69010, TIME, 0, 0, "o", "and once more" },
        { 69019, POLL, TALK_OK, 8, "s", "somebody wants it for something else now" },
        { 69030, ENDED, 0, 0, "e", "" },
        { 69040, RESULT, TALK_NOTHING, 0, "b", "" },
        END
};

static struct talk_todo happen(struct talk *t, const struct step *s) {
        switch (s->happens) {
        case TIME:
                break;
        case HELLO:
                talk_hello_answered(t, s->answer, 30, s->at_ms, 0);
                break;
        case POLL:
                talk_poll_answered(t, s->answer, s->task, s->at_ms, 0);
                break;
        case PROGRESS:
                talk_progress_answered(t, s->answer, s->at_ms);
                break;
        case RESULT:
                (void)talk_result_answered(t, s->answer, s->at_ms, 0);
                break;
        case MOVED:
                talk_job_moved(t);
                break;
        case ENDED:
                talk_job_ended(t, s->at_ms);
                break;
        }
        return talk_next(t, s->at_ms);
}

static void letters(const struct talk_todo *todo, char buf[static 8]) {
        const struct {
                bool is_set;
                char letter;
        } rows[] = { { todo->hello, 'h' }, { todo->poll, 'p' },     { todo->stop, 's' },
                     { todo->start, 'b' }, { todo->progress, 'r' }, { todo->result, 'e' },
                     { todo->root, 'o' } };

        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
                if (rows[i].is_set)
                        *buf++ = rows[i].letter;
        *buf = '\0';
}

static void holds_conversations(void **state) {
        (void)state;
        static const struct {
                const char *name;
                const struct step *steps;
                bool wants_root;
        } conversations[] = {
                { "a quiet life", quiet_life, false },
                { "one task", one_task, false },
                { "another task meanwhile", another_task_meanwhile, false },
                { "the server is away", server_away, false },
                { "refused", refused, false },
                { "heartbeat while working", heartbeat_while_working, false },
                { "starts a system", starts_a_system, true },
        };
        for (size_t i = 0; i < sizeof(conversations) / sizeof(*conversations); i++) {
                struct talk t = { .wants_root = conversations[i].wants_root };
                for (const struct step *s = conversations[i].steps; s->want; s++) {
                        char did[8];
                        struct talk_todo todo = happen(&t, s);
                        letters(&todo, did);
                        if (strcmp(did, s->want) != 0)
                                fail_msg("%s, at %u ms (%s): \"%s\", not \"%s\"", conversations[i].name,
                                         s->at_ms, s->remark, did, s->want);
                }
        }
}

static void asks_for_what_comes_after_what_it_has(void **state) {
        (void)state;
        struct talk t = { 0 };

        assert_int_equal(talk_after(&t), 0);
        talk_hello_answered(&t, TALK_OK, 0, 0, 0);
        talk_poll_answered(&t, TALK_OK, 7, 0, 0);
        assert_int_equal(talk_after(&t), 7);
        (void)talk_next(&t, 0);
        assert_int_equal(talk_after(&t), 7);
        talk_poll_answered(&t, TALK_OK, 8, 0, 0);
        assert_int_equal(talk_after(&t), 8);
}

static void only_a_settled_result_moves_the_machine(void **state) {
        (void)state;
        struct talk t = { .work = TALK_REPORTING };

        assert_false(talk_result_answered(&t, TALK_FAILED, 0, 0));
        assert_int_equal(t.work, TALK_REPORTING);
        assert_false(talk_result_answered(&t, TALK_REFUSED, 0, 0)); /* no reboot into who knows what */
        assert_int_equal(t.work, TALK_IDLE);
        t.work = TALK_REPORTING;
        assert_true(talk_result_answered(&t, TALK_NOTHING, 0, 0));
}

static void never_asks_more_often_than_a_server_in_trouble_bears(void **state) {
        (void)state;
        struct talk t = { 0 };
        uint64_t now_ms = 0, longest_ms = 0;

        for (unsigned i = 0; i < 20; i++) {
                struct talk_todo todo = talk_next(&t, now_ms);
                assert_true(todo.hello);
                talk_hello_answered(&t, TALK_FAILED, 0, now_ms, 1023);
                todo = talk_next(&t, now_ms);
                assert_false(todo.hello);
                uint64_t wait_ms = todo.wake_ms - now_ms;
                assert_in_range(wait_ms, TALK_BACK_OFF_MS, TALK_BACK_OFF_MAX_MS * 5 / 4);
                assert_true(wait_ms >= longest_ms);
                longest_ms = wait_ms;
                now_ms = todo.wake_ms;
        }
        assert_in_range(longest_ms, TALK_BACK_OFF_MAX_MS, TALK_BACK_OFF_MAX_MS * 5 / 4);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(holds_conversations),
                cmocka_unit_test(asks_for_what_comes_after_what_it_has),
                cmocka_unit_test(only_a_settled_result_moves_the_machine),
                cmocka_unit_test(never_asks_more_often_than_a_server_in_trouble_bears),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
