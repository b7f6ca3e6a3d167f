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
#include "app/bramble-agent/script/hardware.h"
#include "app/bramble-agent/script/verdict.h"
#include "test/fake/machine_tree.h"

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

static void is_for_the_hardware_that_it_names(void **state) {
        (void)state;
        static const struct machine_file files[] = {
                { "sys/bus/pci/devices/0000:01:00.0/vendor", "0x15b3\n", 0 },
                { "sys/bus/pci/devices/0000:01:00.0/device", "0x101D\n", 0 },
                { "sys/bus/pci/devices/0000:01:00.0/modalias", "pci:v000015B3d0000101Dsv0\n", 0 },
                { "sys/bus/usb/devices/1-1/idVendor", "0bda\n", 0 },
                { "sys/bus/usb/devices/1-1/idProduct", "8153\n", 0 },
                { "sys/class/dmi/id/sys_vendor", "Dell Inc.\n", 0 },
                { "sys/class/dmi/id/product_name", "PowerEdge R640\n", 0 },
                { "sys/class/dmi/id/board_vendor", "Dell Inc.\n", 0 },
                { NULL, NULL, 0 },
        };
        static const struct {
                const char *text;
                bool is_there;
        } rows[] = {
                { "null", true },
                { "[]", true },
                { "\"pci:15b3:101d\"", true },
                { "\"pci:15B3:101D\"", true },
                { "[\"pci:15b3:*\"]", true },
                { "[\"pci:15b3:1017\"]", false },
                { "[\"pci:0bda:8153\"]", false }, /* that is at USB */
                { "[\"usb:0bda:8153\"]", true },
                { "[\"pci:8086:1\", \"usb:0bda:8153\"]", true },
                { "[\"modalias:pci:v000015B3d*\"]", true },
                { "[\"modalias:pci:v00008086d*\"]", false },
                { "[\"system_vendor:dell inc.\"]", true },
                { "[\"system_product:PowerEdge*\"]", true },
                { "[\"system_product:R640\"]", false },
                { "[\"system_version:1\"]", false },
                { "[\"mainboard_vendor:Dell Inc.\"]", true },
                { "[\"mainboard_product:x\"]", false },
                { "[\"pci:\"]", false },
                { "[\"disk:sda\"]", false },
                { "\"\"", false },
                { "7", false },
                { "{}", false },
        };
        struct machine_tree m;

        machine_tree_make(&m, files);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                char why[HARDWARE_WHY_SIZE] = "";
                CLEANUP(json_decref_at) json_t *wanted = json_loads(rows[i].text, JSON_DECODE_ANY, NULL);
                assert_non_null(wanted);
                if (hardware_is_there(&m.tree, wanted, why) != rows[i].is_there)
                        fail_msg("%s", rows[i].text);
                if (!rows[i].is_there && !strstr(why, "not for this hardware"))
                        fail_msg("%s: %s", rows[i].text, why);
        }
        assert_true(hardware_is_there(&m.tree, NULL, (char[HARDWARE_WHY_SIZE]){ 0 }));
        machine_tree_remove(&m);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(keeps_both_ends_of_long_output),
                cmocka_unit_test(keeps_all_of_short_output),
                cmocka_unit_test(tells_in_the_protocols_words),
                cmocka_unit_test(the_worst_part_counts),
                cmocka_unit_test(is_for_the_hardware_that_it_names),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
