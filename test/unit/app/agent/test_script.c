/* Scripts of operators: what is told of how they went. */
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

#include "app/bramble-agent/json.h"
#include "app/bramble-agent/script/verdict.h"

static void keeps_both_ends_of_long_output(void **state) {
        (void)state;
        CLEANUP(output_free) struct output o = { 0 };
        char line[100];

        for (unsigned i = 0; i < 10000; i++) {
                (void)snprintf(line, sizeof(line), "line %05u of what it has to say\n", i);
                output_add(&o, line, strlen(line));
        }
        CLEANUP(json_decref_at) json_t *text = output_json(&o);
        const char *s = json_string_value(text);
        assert_in_range(strlen(s), VERDICT_OUTPUT_MAX - 200, VERDICT_OUTPUT_MAX);
        assert_memory_equal(s, "line 00000 of", 13);
        assert_string_equal(s + strlen(s) - 32, "ine 09999 of what it has to say\n");
        assert_non_null(strstr(s, " octets left out ...]\n"));
}

static void keeps_all_of_short_output(void **state) {
        (void)state;
        CLEANUP(output_free) struct output o = { 0 };

        output_add(&o, "a\0b", 3);
        output_printf(&o, "%d\n", 7);
        CLEANUP(json_decref_at) json_t *text = output_json(&o);
        assert_string_equal(json_string_value(text), "a?b7\n");
}

static void tells_in_the_protocols_words(void **state) {
        (void)state;
        CLEANUP(output_free) struct output o = { 0 };
        output_printf(&o, "hello\n");
        CLEANUP(free_at) char *body = verdict_report(7, "mine", VERDICT_DEGRADED, 3, 1.25, &o, NULL);

        assert_string_equal(
                body, "{\"task\":7,\"name\":\"mine\",\"status\":\"degraded\",\"exit\":3,\"runtime_s\":1.25,"
                      "\"output\":\"hello\\n\",\"results\":{}}");
}

static void the_worst_part_counts(void **state) {
        (void)state;
        assert_int_equal(verdict_worse(VERDICT_SKIPPED, VERDICT_PASSED), VERDICT_PASSED);
        assert_int_equal(verdict_worse(VERDICT_FAILED, VERDICT_PASSED), VERDICT_FAILED);
        assert_int_equal(verdict_worse(VERDICT_DEGRADED, VERDICT_TIMED_OUT), VERDICT_TIMED_OUT);
        assert_int_equal(verdict_worse(VERDICT_SKIPPED, VERDICT_SKIPPED), VERDICT_SKIPPED);
        assert_int_equal(verdict_of("timedout"), VERDICT_TIMED_OUT);
        assert_int_equal(verdict_of("great"), -EINVAL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(keeps_both_ends_of_long_output),
                cmocka_unit_test(keeps_all_of_short_output),
                cmocka_unit_test(tells_in_the_protocols_words),
                cmocka_unit_test(the_worst_part_counts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
