/* What scripts say of themselves, and how they are called; and the YAML that it is written in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "format/script_header.h"
#include "format/yaml_json.h"

static inline void json_decref_at(json_t **at) {
        json_decref(*at);
}

static const char *json_text_of(const json_t *object, const char *key) {
        const char *text = json_string_value(json_object_get(object, key));
        return text ? text : "";
}

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
                json_t *value = yaml_to_json(documents[i].yaml, strlen(documents[i].yaml), NULL);
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
        CLEANUP(json_decref_at) json_t *header = script_header(script, strlen(script), NULL);
        CLEANUP(json_decref_at) json_t *none = script_header("#!/bin/sh\n", 10, NULL);
        const json_t *storage = json_object_get(json_object_get(header, "parameters"), "storage");

        assert_string_equal(json_text_of(header, "name"), "check-disk");
        assert_int_equal(script_timeout_s(header), 330);
        assert_string_equal(json_text_of(storage, "type"), "storage");
        assert_int_equal(json_object_size(none), 0);
        assert_int_equal(script_timeout_s(none), 0);
}

#define START "# --- Start MAAS 1.0 script metadata ---\n"
#define END "# --- End MAAS 1.0 script metadata ---\n"

static void says_where_metadata_is_broken(void **state) {
        static const struct {
                const char *remark, *script;
                unsigned line;
        } rows[] = {
                { "it never ends", "#!/bin/sh\n" START "# a: 1\n", 2 },
                { "a list", "#!/bin/sh\n" START "# - 1\n" END, 3 },
                { "nothing", START END, 2 },
                { "no YAML", "#!/bin/sh\n" START "# a: 1\n# b: c: d\n" END, 4 },
                { "behind a line that is no comment", "#!/bin/sh\n" START "# a: 1\n\necho\n# b: c: d\n" END,
                  6 },
                { "an alias", START "# a: &x 1\n# b: 2\n# c: *x\n" END, 4 },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                unsigned line = 0;
                if (script_header(rows[i].script, strlen(rows[i].script), &line))
                        fail_msg("%s: taken", rows[i].remark);
                if (line != rows[i].line)
                        fail_msg("%s: line %u", rows[i].remark, line);
        }
        assert_int_equal(script_header_line(script, strlen(script), "timeout"), 5);
        assert_int_equal(script_header_line(script, strlen(script), "storage"), 0); /* of an inner one */
        assert_int_equal(script_header_line("echo\n", 5, "timeout"), 0);
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
                CLEANUP(json_decref_at)
                json_t *header = yaml_to_json(rows[i].yaml, strlen(rows[i].yaml), NULL);
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

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_yaml_as_json),
                cmocka_unit_test(reads_what_a_script_says_of_itself),
                cmocka_unit_test(says_where_metadata_is_broken),
                cmocka_unit_test(reads_times_of_both_kinds),
                cmocka_unit_test(finds_the_interpreter),
                cmocka_unit_test(makes_arguments),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
