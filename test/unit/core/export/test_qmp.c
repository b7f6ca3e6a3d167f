/* What is said to qemu-storage-daemon, and what it says. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/export/qmp.h"

static const struct volume disk = { VOLUME_NBD, VOLUME_DATA, 7 };

static void a_disk_is_opened_and_exported_by_its_name(void **state) {
        CLEANUP(text_free) struct text out = {};
        (void)state;

        qmp_say_open(&out, &disk);
        assert_string_equal(out.octets, "{\"execute\":\"blockdev-add\",\"arguments\":{\"driver\":\"qcow2\","
                                        "\"node-name\":\"m-7-data\","
                                        "\"discard\":\"unmap\",\"detect-zeroes\":\"unmap\",\"file\":{"
                                        "\"driver\":\"file\",\"filename\":"
                                        "\"m-7/data.qcow2\"}}}\n");
        text_free(&out);
        qmp_say_export(&out, &disk);
        assert_string_equal(
                out.octets,
                "{\"execute\":\"block-export-add\",\"arguments\":{\"type\":\"nbd\",\"id\":\"m-7-data\","
                "\"node-name\":\"m-7-data\",\"name\":\"m-7-data\",\"writable\":true}}\n");
}

static void its_answers_are_told_apart(void **state) {
        static const struct {
                const char *line;
                int expected;
        } rows[] = {
                { "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\n", QMP_OTHER },
                { "{\"return\": {}}\n", QMP_DONE },
                { "{\"return\": {\"event\": \"BLOCK_EXPORT_DELETED\"}}\n", QMP_DONE },
                { "{\"timestamp\": {}, \"event\": \"BLOCK_EXPORT_DELETED\", \"data\": {\"id\": \"m-7\"}}\n",
                  QMP_WITHDRAWN },
                { "{\"timestamp\": {}, \"event\": \"SHUTDOWN\"}\n", QMP_OTHER },
                { "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such node\"}}\n", QMP_REFUSED },
                { "{\"error\": 7}\n", QMP_REFUSED },
                { "[]\n", -EBADMSG },
                { "{\"return\": {}\n", -EBADMSG },
                { "", -EBADMSG },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct error error = {};
                assert_int_equal(qmp_read(rows[i].line, strlen(rows[i].line), &error), rows[i].expected);
                assert_int_equal(error.text[0] != 0, rows[i].expected == QMP_REFUSED);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_disk_is_opened_and_exported_by_its_name),
                cmocka_unit_test(its_answers_are_told_apart),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
