/* Tasks, and the bodies of reports. */
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
#include "app/bramble-agent/report.h"
#include "app/bramble-agent/task.h"
#include "base/text.h"

static void takes_what_has_id_and_kind(void **state) {
        (void)state;
        static const char text[] = "{\"id\":7,\"kind\":\"inventory\",\"more\":[1,2]}";
        struct task task;
        struct error error;

        assert_int_equal(task_parse(text, strlen(text), &task, &error), 0);
        assert_int_equal(task.id, 7);
        assert_string_equal(task.kind, "inventory");
        assert_true(json_is_array(json_object_get(task.body, "more")));
        task_clear(&task);
        task_clear(&task);
}

static void refuses_the_rest(void **state) {
        (void)state;
        static const char *const bad[] = { "",
                                           "{",
                                           "[]",
                                           "null",
                                           "{}",
                                           "{\"id\":7}",
                                           "{\"kind\":\"park\"}",
                                           "{\"id\":0,\"kind\":\"park\"}",
                                           "{\"id\":-1,\"kind\":\"park\"}",
                                           "{\"id\":\"7\",\"kind\":\"park\"}",
                                           "{\"id\":7,\"kind\":\"\"}",
                                           "{\"id\":7,\"kind\":\"a-kind-of-a-name-that-is-too-long\"}",
                                           "{\"id\":7,\"id\":8,\"kind\":\"park\"}" };
        for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
                struct task task;
                struct error error = { 0 };
                assert_int_equal(task_parse(bad[i], strlen(bad[i]), &task, &error), -EBADMSG);
                assert_true(*error.text);
        }
}

static void reports_in_the_protocols_words(void **state) {
        (void)state;
        struct report_progress p = { .task = 7, .phase = "write", .done = 5, .total = 10, .rate = 3 };
        CLEANUP(free_at) char *progress = report_progress(&p);
        CLEANUP(free_at)
        char *hello = report_hello(&(struct report_hello){
                .arch = "arm64", .boot_id = "b", .mac = "m", .serial = "", .uptime_s = 3 });
        CLEANUP(json_decref_at) json_t *data = json_pack("{s:i}", "a", 1);
        CLEANUP(free_at)
        char *of_a_pi = report_hello(&(struct report_hello){
                .arch = "arm64", .boot_id = "b", .mac = "m", .serial = "", .eeprom = data });
        CLEANUP(free_at) char *good = report_result(7, NULL, data);
        CLEANUP(free_at) char *bad = report_result(7, "it \xff broke", NULL);

        assert_string_equal(progress, "{\"task\":7,\"phase\":\"write\",\"done\":5,\"total\":10,\"rate\":3}");
        assert_string_equal(
                hello,
                "{\"agent\":\"" BRAMBLE_VERSION
                "\",\"arch\":\"arm64\",\"boot_id\":\"b\",\"mac\":\"m\",\"serial\":null,\"uptime_s\":3}");
        assert_true(text_ends_with(of_a_pi, "\"uptime_s\":0,\"eeprom\":{\"a\":1}}"));
        assert_string_equal(good, "{\"task\":7,\"ok\":true,\"error\":null,\"data\":{\"a\":1}}");
        assert_string_equal(bad, "{\"task\":7,\"ok\":false,\"error\":\"it ? broke\",\"data\":{}}");
}

static void tells_no_more_than_the_server_takes(void **state) {
        (void)state;
        CLEANUP(free_at) char *long_text = malloc(REPORT_MAX + 1);
        memset(long_text, 'x', REPORT_MAX);
        long_text[REPORT_MAX] = '\0';
        CLEANUP(json_decref_at) json_t *data = json_object();
        json_put_text(data, "a", long_text);
        CLEANUP(free_at) char *body = report_result(7, NULL, data);

        assert_true(strlen(body) < 200);
        assert_non_null(strstr(body, "\"ok\":false"));
        assert_non_null(strstr(body, "too long"));
}

static const struct {
        const char *text, *clean;
} texts[] = {
        { "plain", "plain" },
        { "two\nlines\tand a tab", "two\nlines\tand a tab" },
        { "bell\a and escape\033[31m", "bell? and escape?[31m" },
        { "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x93", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\x93" },
        { "latin \xe9", "latin ?" },
        { "cut \xe2\x82", "cut ??" },
        { "overlong \xc0\x80 \xe0\x80\x80", "overlong ?? ???" },
        { "surrogate \xed\xa0\x80", "surrogate ???" },
        { "beyond \xf4\x90\x80\x80", "beyond ????" },
};

static void cleans_what_vendors_write(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                CLEANUP(json_decref_at) json_t *s = json_clean_text(texts[i].text, strlen(texts[i].text));
                assert_string_equal(json_string_value(s), texts[i].clean);
                CLEANUP(free_at) char *dumped = json_dumps(s, JSON_ENCODE_ANY);
                assert_non_null(dumped); /* jansson agrees that it is UTF-8 */
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(takes_what_has_id_and_kind),
                cmocka_unit_test(refuses_the_rest),
                cmocka_unit_test(reports_in_the_protocols_words),
                cmocka_unit_test(tells_no_more_than_the_server_takes),
                cmocka_unit_test(cleans_what_vendors_write),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
