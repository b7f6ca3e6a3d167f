/* Scripts of operators: what they say of themselves, how they are called, what is told of how they went. */
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
#include "app/bramble-agent/script/header.h"
#include "app/bramble-agent/script/verdict.h"
#include "app/bramble-agent/script/yaml.h"

/* ---- YAML ---- */

static const struct {
        const char *yaml, *json; /* NULL: refused */
} documents[] = {
        { "result: passed\nresults: {a: 1, b: 1.5}\n",
          "{\"result\":\"passed\",\"results\":{\"a\":1,\"b\":1.5}}" },
        { "a: true\nb: 'true'\nc: null\nd: ~\ne:\n",
          "{\"a\":true,\"b\":\"true\",\"c\":null,\"d\":null,\"e\":null}" },
        { "- 1\n- -2\n- 1e3\n- 00:05:00\n- 1.2.3\n", "[1,-2,1000.0,\"00:05:00\",\"1.2.3\"]" },
        { "text: |\n  two\n  lines\n", "{\"text\":\"two\\nlines\\n\"}" },
        { "1: a\ntrue: b\n", "{\"1\":\"a\",\"true\":\"b\"}" },
        { "99999999999999999999", "1e20" },
        { "1e999", "\"1e999\"" }, /* JSON has no infinity */
        { "just text", "\"just text\"" },
        { "", NULL },
        { "a: [1, 2\n", NULL },
        { "a: &x 1\nb: *x\n", NULL }, /* aliases make small texts large */
        { "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", NULL },
        { "a: b: c", NULL },
};

static void reads_yaml_as_json(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
                CLEANUP(json_decref_at)
                json_t *value = yaml_to_json(documents[i].yaml, strlen(documents[i].yaml));
                CLEANUP(free_at)
                char *dumped = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
                if (!dumped != !documents[i].json || (dumped && strcmp(dumped, documents[i].json) != 0))
                        fail_msg("%s: %s", documents[i].yaml, dumped ? dumped : "refused");
        }
}

/* ---- metadata ---- */

static const char script[] = "#!/bin/bash -e\n"
                             "#\n"
                             "# --- Start MAAS 1.0 script metadata ---\n"
                             "# name: check-disk\n"
                             "# timeout: 00:05:30\n"
                             "# parameters:\n"
                             "#   storage: {type: storage, argument_format: '-d {path} -s {serial}'}\n"
                             "#   speed: {type: number, default: 3}\n"
                             "# --- End MAAS 1.0 script metadata ---\n"
                             "echo hello\n";

static void reads_what_a_script_says_of_itself(void **state) {
        (void)state;
        CLEANUP(json_decref_at) json_t *header = script_header(script, strlen(script));
        CLEANUP(json_decref_at) json_t *none = script_header("#!/bin/sh\n", 10);
        const json_t *storage = json_object_get(json_object_get(header, "parameters"), "storage");

        assert_string_equal(json_text_of(header, "name"), "check-disk");
        assert_int_equal(script_timeout_s(header), 330);
        assert_string_equal(json_text_of(storage, "type"), "storage");
        assert_int_equal(json_object_size(none), 0);
        assert_int_equal(script_timeout_s(none), 0);
        assert_null(
                script_header("# --- Start MAAS 1.0 script metadata ---\n# a: 1\n", 49)); /* it never ends */
        assert_null(script_header("# --- Start MAAS 1.0 script metadata ---\n# - 1\n"
                                  "# --- End MAAS 1.0 script metadata ---\n",
                                  86));
}

static void reads_times_of_both_kinds(void **state) {
        (void)state;
        static const struct {
                const char *yaml;
                unsigned seconds;
        } rows[] = {
                { "timeout: 90", 90 },          { "timeout: '01:00:00'", 3600 },
                { "timeout: 14:00:00", 50400 }, { "timeout: 00:99:00", 0 },
                { "timeout: soon", 0 },         { "timeout: -5", 0 },
                { "timeout: 00:01:00x", 0 },    { "other: 1", 0 },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(json_decref_at) json_t *header = yaml_to_json(rows[i].yaml, strlen(rows[i].yaml));
                assert_int_equal(script_timeout_s(header), rows[i].seconds);
        }
}

static void finds_the_interpreter(void **state) {
        (void)state;
        static const struct {
                const char *script, *program, *option;
        } rows[] = {
                { "#!/bin/sh\n", "/bin/sh", "" },
                { "#!/bin/bash -ex\n", "/bin/bash", "-ex" },
                { "#! /usr/bin/env python3\n", "python3", "" },
                { "#!/usr/bin/env -S python3 -u\n", "python3", "-u" },
                { "#!/bin/sh", "/bin/sh", "" },
                { "#!\n", "", "" },
                { "echo\n", "", "" },
                { "#", "", "" },
                { "", "", "" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct script_interpreter found;
                script_interpreter(rows[i].script, strlen(rows[i].script), &found);
                assert_string_equal(found.program, rows[i].program);
                assert_string_equal(found.option, rows[i].option);
        }
}

static void makes_arguments(void **state) {
        (void)state;
        static const struct {
                const char *name, *parameter, *argument;
        } rows[] = {
                { "speed", "{}", "--speed=/dev/sda" },
                { "storage", "{\"type\":\"storage\"}", "--storage=/dev/sda" },
                { "storage", "{\"type\":\"storage\",\"argument_format\":\"-d {name} {serial}\"}",
                  "-d sda {S}" },
                { "x", "{\"argument_format\":\"{unknown}{input}{\"}", "{unknown}/dev/sda{" },
        };
        CLEANUP(json_decref_at)
        json_t *fields = json_pack("{s:s,s:s,s:s,s:s}", "input", "/dev/sda", "path", "/dev/sda", "name",
                                   "sda", "serial", "{S}");
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(json_decref_at) json_t *parameter = json_loads(rows[i].parameter, 0, NULL);
                CLEANUP(free_at) char *argument = script_argument(rows[i].name, parameter, fields);
                assert_string_equal(argument, rows[i].argument);
        }
}

/* ---- outcomes ---- */

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
                cmocka_unit_test(reads_yaml_as_json),
                cmocka_unit_test(reads_what_a_script_says_of_itself),
                cmocka_unit_test(reads_times_of_both_kinds),
                cmocka_unit_test(finds_the_interpreter),
                cmocka_unit_test(makes_arguments),
                cmocka_unit_test(keeps_both_ends_of_long_output),
                cmocka_unit_test(keeps_all_of_short_output),
                cmocka_unit_test(tells_in_the_protocols_words),
                cmocka_unit_test(the_worst_part_counts),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
