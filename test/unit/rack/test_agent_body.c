/* What agents say, read: rows of bodies, and what the rack understands of each. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rack/agent_body.h"

#define A16 "aaaaaaaaaaaaaaaa"

static const struct {
        const char *remark;
        enum agent_report_kind kind;
        const char *body;
        int answer;
        const char *what, *detail; /* with 0; else @detail is part of the sentence */
        uint64_t task, done, total, rate;
        bool is_well, is_idle;
} rows[] = {
        { "as the agent says it", REPORT_HELLO, "{\"agent\":\"0.2\",\"arch\":\"armhf\",\"uptime_s\":12}", 0,
          "0.2", "armhf, up for 12 s", 0, 0, 0, 0, false, false },
        { "a name that would steer a terminal", REPORT_HELLO,
          "{\"agent\":\"\\u001b[31m\",\"arch\":\"amd64\"}", 0, " [31m", "amd64, up for 0 s", 0, 0, 0, 0,
          false, false },
        { "of no kind of ours", REPORT_HELLO, "{\"arch\":\"vax\"}", -EBADMSG, "", "on which architecture", 0,
          0, 0, 0, false, false },
        { "no text", REPORT_HELLO, "{\"arch\":7}", -EBADMSG, "", "on which architecture", 0, 0, 0, 0, false,
          false },
        { "at work", REPORT_PROGRESS,
          "{\"task\":9,\"phase\":\"write\",\"done\":5,\"total\":7,\"rate\":3.5,\"text\":\"x\"}", 0, "write",
          "x", 9, 5, 7, 3, false, false },
        { "nothing to do", REPORT_PROGRESS, "{\"task\":9,\"phase\":\"idle\"}", 0, "idle", "", 9, 0, 0, 0,
          false, true },
        { "without a phase", REPORT_PROGRESS, "{\"task\":9}", 0, "", "", 9, 0, 0, 0, false, true },
        { "numbers that are none", REPORT_PROGRESS, "{\"task\":0,\"done\":-5,\"total\":1e300,\"rate\":\"7\"}",
          0, "", "", 0, 0, 0, 0, false, true },
        { "a task below zero", REPORT_PROGRESS, "{\"task\":-1}", -EBADMSG, "", "which task", 0, 0, 0, 0,
          false, false },
        { "half a task", REPORT_PROGRESS, "{\"task\":1.5}", -EBADMSG, "", "which task", 0, 0, 0, 0, false,
          false },
        { "cut at a whole character", REPORT_PROGRESS,
          "{\"task\":1,\"phase\":\"" A16 A16 A16 "aaaaaaaaaaaaaa\xc3\xa4\xc3\xa4\"}", 0,
          A16 A16 A16 "aaaaaaaaaaaaaa", "", 1, 0, 0, 0, false, false },
        { "done", REPORT_RESULT, "{\"task\":9,\"ok\":true,\"error\":null,\"data\":{\"a\":1}}", 0, "", "", 9,
          0, 0, 0, true, false },
        { "not done", REPORT_RESULT, "{\"task\":9,\"ok\":false,\"error\":\"no\\ndisk\"}", 0, "", "no disk", 9,
          0, 0, 0, false, false },
        { "neither", REPORT_RESULT, "{\"task\":9,\"ok\":1}", -EBADMSG, "", "whether the task is done", 0, 0,
          0, 0, false, false },
        { "passed", REPORT_SCRIPT, "{\"task\":9,\"name\":\"memory\",\"status\":\"passed\"}", 0, "memory",
          "passed", 9, 0, 0, 0, true, false },
        { "left out", REPORT_SCRIPT, "{\"task\":9,\"name\":\"smart\",\"status\":\"skipped\"}", 0, "smart",
          "skipped", 9, 0, 0, 0, true, false },
        { "not well", REPORT_SCRIPT, "{\"task\":9,\"name\":\"smart\",\"status\":\"degraded\"}", 0, "smart",
          "degraded", 9, 0, 0, 0, false, false },
        { "of no script", REPORT_SCRIPT, "{\"task\":9,\"name\":\"\",\"status\":\"passed\"}", -EBADMSG, "",
          "names the script", 0, 0, 0, 0, false, false },
        { "from home", REPORT_PHONE_HOME, "{\"hostname\":\"pi\"}", 0, "pi", "", 0, 0, 0, 0, false, false },
        { "empty", REPORT_RESULT, "", -EBADMSG, "", "no JSON", 0, 0, 0, 0, false, false },
        { "cut short", REPORT_RESULT, "{\"task\":9,", -EBADMSG, "", "no JSON", 0, 0, 0, 0, false, false },
        { "a list", REPORT_RESULT, "[1]", -EBADMSG, "", "no JSON object", 0, 0, 0, 0, false, false },
        { "said twice", REPORT_RESULT, "{\"task\":9,\"task\":10,\"ok\":true}", -EBADMSG, "", "no JSON", 0, 0,
          0, 0, false, false },
        { "not UTF-8", REPORT_RESULT, "{\"task\":9,\"ok\":true,\"error\":\"\xff\"}", -EBADMSG, "", "no JSON",
          0, 0, 0, 0, false, false },
};

static void reads_each_row(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct agent_said said = {};
                struct error error = {};
                int r = agent_body_read(rows[i].kind, rows[i].body, strlen(rows[i].body), &said, &error);
                if (r != rows[i].answer || (r < 0 && !strstr(error.text, rows[i].detail)))
                        fail_msg("%s: %d %s", rows[i].remark, r, error.text);
                if (r == 0 &&
                    (strcmp(said.what, rows[i].what) != 0 || strcmp(said.detail, rows[i].detail) != 0 ||
                     said.task != rows[i].task || said.done != rows[i].done || said.total != rows[i].total ||
                     said.rate != rows[i].rate || said.is_well != rows[i].is_well ||
                     said.is_idle != rows[i].is_idle))
                        fail_msg("%s: \"%s\" \"%s\"", rows[i].remark, said.what, said.detail);
        }
        assert_int_equal(agent_body_read(REPORT_HELLO, NULL, 0, &(struct agent_said){}, NULL), -EBADMSG);
}

static void forms_become_json(void **state) {
        static const struct {
                const char *form, *json; /* NULL: none */
        } forms[] = {
                { "hostname=pi", "{\"hostname\":\"pi\"}" },
                { "a=1&b=x%3Dy&a=2", "{\"a\":\"2\",\"b\":\"x=y\"}" },
                { "pub_key=ssh-rsa+AAA%2B%0a", "{\"pub_key\":\"ssh-rsa AAA+\\n\"}" },
                { "a", "{\"a\":\"\"}" },
                { "a=", "{\"a\":\"\"}" },
                { "a=1&", "{\"a\":\"1\"}" },
                { "", NULL },
                { "=1", NULL },
                { "a=%4", NULL },
                { "a=%zz", NULL },
                { "a=%00", NULL },
                { "a=%ff", NULL }, /* no UTF-8 */
                { "&", NULL },
                { "1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17&18&19&20&21&22&23&24&25&26&27&28&29&30&31&32&33",
                  NULL },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
                CLEANUP(free_at) char *json = agent_form_read(forms[i].form, strlen(forms[i].form));
                if (!json != !forms[i].json || (json && strcmp(json, forms[i].json) != 0))
                        fail_msg("%s: %s", forms[i].form, json ? json : "none");
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(reads_each_row),
                                            cmocka_unit_test(forms_become_json) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
