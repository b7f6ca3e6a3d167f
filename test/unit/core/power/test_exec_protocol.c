/* Questions to programs and their answers, line by line. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/power/drivers.h"
#include "core/power/exec_protocol.h"
#include "core/power/params.h"

#define HEAD "bramble-power 1\naction on\n"

static void asks_all_that_is_known(void **state) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL;
        CLEANUP(text_free) struct text out = {};
        const struct mac macs[] = { { { 0xdc, 0xa6, 0x32, 1, 2, 3 } }, { { 0xdc, 0xa6, 0x32, 1, 2, 4 } } };
        /* A switch may call its port what it likes; it shall not give orders by that. */
        const struct power_neighbour n = { .chassis = "switch", .port = "Gi7\nparameter password x" };

        (void)state;
        assert_int_equal(
                power_params_parse(&power_exec,
                                   "{\"program\": \"lever\", \"hub\": \"1-1\", \"password\": \"a b\"}", NULL,
                                   &p, NULL),
                0);
        const struct power_target t = { .driver = &power_exec,
                                        .params = p,
                                        .machine = "pi4",
                                        .macs = macs,
                                        .n_macs = 2,
                                        .interface = "eth0",
                                        .neighbour = &n };
        power_request_write(&out, &t, POWER_TURN_ON, 30);
        assert_string_equal(out.octets, "bramble-power 1\n"
                                        "action on\n"
                                        "timeout_s 30\n"
                                        "machine pi4\n"
                                        "mac dc:a6:32:01:02:03\n"
                                        "mac dc:a6:32:01:02:04\n"
                                        "interface eth0\n"
                                        "neighbour-chassis switch\n"
                                        "neighbour-port Gi7?parameter password x\n"
                                        "parameter program lever\n"
                                        "parameter password a b\n"
                                        "parameter timeout_s 30\n"
                                        "parameter tries 3\n"
                                        "parameter off_s 5\n"
                                        "parameter settle_s 30\n"
                                        "parameter hub 1-1\n"
                                        "end\n");

        CLEANUP(power_request_clear) struct power_request q = {};
        struct error err = {};
        if (power_request_parse(out.octets, out.len, &power_exec, &q, &err) < 0)
                fail_msg("%s", err.text);
        assert_int_equal(q.action, POWER_TURN_ON);
        assert_int_equal(q.timeout_s, 30);
        assert_string_equal(q.machine, "pi4");
        assert_string_equal(q.interface, "eth0");
        assert_int_equal(q.n_macs, 2);
        assert_memory_equal(q.macs, macs, sizeof(macs));
        assert_string_equal(q.neighbour.port, "Gi7?parameter password x");
        assert_string_equal(power_param(q.params, "password"), "a b");
        assert_string_equal(power_param(q.params, "hub"), "1-1");
}

static const struct {
        const char *text;
        const char *complaint; /* NULL: taken */
} questions[] = {
        { HEAD "parameter program lever\nend\n", NULL },
        { HEAD "parameter program lever\r\nend\r\n", NULL },
        { HEAD "weather fine\nparameter program lever\nend\nand more", NULL }, /* words of later days */
        { "", "does not begin with" },
        { "bramble-power 2\nend\n", "does not begin with" },
        { HEAD "parameter program lever\n", "has no end" },
        { HEAD "end\n", "program is missing" },
        { HEAD "parameter program\nend\n", "line \"parameter\" makes no sense" },
        { HEAD "parameter program ../sh\nend\n", "line \"parameter\" makes no sense" },
        { HEAD "mac dc:a6\nend\n", "line \"mac\" makes no sense" },
        { HEAD "action explode\nend\n", "line \"action\" makes no sense" },
        { HEAD "timeout_s -1\nend\n", "line \"timeout_s\" makes no sense" },
};

static void reads_questions(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
                CLEANUP(power_request_clear) struct power_request q = {};
                struct error err = {};
                const int r = power_request_parse(questions[i].text, strlen(questions[i].text), &power_exec,
                                                  &q, &err);
                if ((r == 0) != !questions[i].complaint)
                        fail_msg("%s: %d \"%s\"", questions[i].text, r, err.text);
                if (questions[i].complaint && !strstr(err.text, questions[i].complaint))
                        fail_msg("%s: says \"%s\"", questions[i].text, err.text);
        }
}

static const struct {
        const char *text;
        int status;
        enum power_action action;
        int result;
        enum power_state state;
        const char *sentence; /* NULL: of no interest */
} answers[] = {
        { "state on\n", 0, POWER_QUERY, POWER_DONE, POWER_ON, NULL },
        { "state off", 0, POWER_QUERY, POWER_DONE, POWER_OFF, NULL },
        { "state unknown\r\n", 0, POWER_QUERY, POWER_DONE, POWER_UNKNOWN, NULL },
        { "", 0, POWER_TURN_ON, POWER_DONE, POWER_UNKNOWN,
          NULL }, /* it did as it was told, and says no more */
        { "Sent power on request\nstate on\n", 0, POWER_TURN_ON, POWER_DONE, POWER_ON,
          NULL },                                                                 /* a tool's own words */
        { "state on\nstate off\n", 0, POWER_QUERY, POWER_DONE, POWER_OFF, NULL }, /* the last word counts */
        { "stateless on\n", 0, POWER_QUERY, -EBADMSG, 0, "it did not say the state: stateless on" },
        { "", 0, POWER_QUERY, -EBADMSG, 0, "it did not say the state" },
        { "state perhaps\n", 0, POWER_QUERY, -EBADMSG, 0,
          "its answer is not in the words of bramble-power-exec(7)" },
        { "hand push the button\n", 0, POWER_TURN_ON, POWER_BY_HAND, 0, "push the button" },
        { "error refused the lever is stuck\n", 0, POWER_TURN_ON, -EREMOTEIO, 0, "the lever is stuck" },
        { "error no-answer\n", 1, POWER_TURN_ON, -ETIMEDOUT, 0, "no-answer" },
        { "error credentials who are you\n", 1, POWER_TURN_ON, -EACCES, 0, "who are you" },
        { "error something it broke\n", 1, POWER_TURN_ON, -EIO, 0, "it broke" },
        { "state on\nerror busy later\n", 0, POWER_QUERY, -EAGAIN, 0, "later" },
        { "Traceback\nNameError: \x1b[31mx\n", 1, POWER_QUERY, -EIO, 0,
          "it ended with status 1: NameError: ?[31mx" },
        { "state on\n", 3, POWER_QUERY, -EIO, 0, "it ended with status 3" }, /* and is not believed */
        { "learned port\n", 0, POWER_TURN_ON, -EBADMSG, 0, NULL },
        { "learned a-name-that-is-longer-than-names-of-keys x\n", 0, POWER_TURN_ON, -EBADMSG, 0, NULL },
};

static void reads_answers(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
                struct power_outcome o = {};
                struct error err = {};
                const int r = power_answer_parse(answers[i].text, strlen(answers[i].text), answers[i].status,
                                                 answers[i].action, &o, &err);
                if (r != answers[i].result || o.state != answers[i].state)
                        fail_msg("%s: %d, %s, \"%s\"", answers[i].text, r, power_state_name(o.state),
                                 err.text);
                if (answers[i].sentence)
                        assert_string_equal(err.text, answers[i].sentence);
        }
}

static void an_answer_comes_back_as_it_was_given(void **state) {
        static const struct {
                int result;
                struct power_outcome outcome;
                const char *sentence;
        } rows[] = {
                { POWER_DONE,
                  { .state = POWER_ON,
                    .note = "all is well",
                    .learned_name = "port",
                    .learned_value = "1.7" },
                  "" },
                { POWER_DONE, { .state = POWER_UNKNOWN }, "" },
                { POWER_BY_HAND, {}, "turn it on" },
                { -ETIMEDOUT, {}, "no answer in 5 s" },
                { -EACCES, {}, "wrong password" },
                { -ENOENT, {}, "no such port" },
                { -EINVAL, {}, "nonsense" },
                { -EBADMSG, {}, "what did it say" },
                { -EIO, {}, "anything else" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(text_free) struct text out = {};
                struct power_outcome o = {};
                struct error err = {}, said = {};

                (void)error_set(&said, rows[i].result, "%s", rows[i].sentence);
                power_answer_write(&out, rows[i].result, &rows[i].outcome, &said);
                assert_int_equal(power_answer_parse(out.octets, out.len, 0, POWER_QUERY, &o, &err),
                                 rows[i].result);
                assert_memory_equal(&o, &rows[i].outcome, sizeof(o));
                assert_string_equal(err.text, rows[i].sentence);
        }
}

static void lines_have_a_longest_form(void **state) {
        char text[4000];
        struct power_outcome o = {};
        (void)state;

        memset(text, 'x', sizeof(text));
        assert_int_equal(power_answer_parse(text, sizeof(text), 0, POWER_TURN_ON, &o, NULL), -EBADMSG);
        assert_int_equal(power_answer_parse("state on\n\0state off\n", 20, 0, POWER_QUERY, &o, NULL),
                         -EBADMSG);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(asks_all_that_is_known),
                cmocka_unit_test(reads_questions),
                cmocka_unit_test(reads_answers),
                cmocka_unit_test(an_answer_comes_back_as_it_was_given),
                cmocka_unit_test(lines_have_a_longest_form),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
