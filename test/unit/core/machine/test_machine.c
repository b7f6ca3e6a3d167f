/* What makes a machine, and what does not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "core/machine/machine.h"

struct row {
        const char *name, *mac, *cmdline;
        bool has_serial;
        const char *complaint; /* part of the sentence; NULL: it is a machine */
        const char *remark;
};

static const struct row rows[] = {
        { "pi4-demo", "dc:a6:32:01:02:03", NULL, false, NULL, "a name and a MAC" },
        { "pi4-demo", NULL, NULL, true, NULL, "a serial is enough" },
        { "7", "dc:a6:32:01:02:03", NULL, false, NULL, "RFC 1123 lets a label begin with a digit" },
        { "pi4-demo", NULL, NULL, false, "nothing tells it", "no key at all" },
        { "", "dc:a6:32:01:02:03", NULL, false, "needs a name", "no name" },
        { "Pi4", "dc:a6:32:01:02:03", NULL, false, "only a-z", "upper case" },
        { "a.b", "dc:a6:32:01:02:03", NULL, false, "only a-z", "two labels" },
        { "-a", "dc:a6:32:01:02:03", NULL, false, "begins or ends", "begins with a hyphen" },
        { "a-", "dc:a6:32:01:02:03", NULL, false, "begins or ends", "ends with one" },
        { "a", "01:00:5e:00:00:01", NULL, false, "single network card", "a group address" },
        { "a", "00:00:00:00:00:00", NULL, false, "single network card", "no address" },
        { "a", "dc:a6:32:01:02:03", "quiet splash", false, NULL, "words for the kernel" },
        { "a", "dc:a6:32:01:02:03", "quiet\nroot=/dev/sda", false, "one line", "a second line" },
};

static struct machine *machine_of(const struct row *row) {
        struct machine *m = machine_new();
        assert_non_null(m);
        assert_int_equal(text_copy(m->name, sizeof(m->name), row->name), 0);
        if (row->mac)
                assert_int_equal(mac_parse(row->mac, &m->macs[m->n_macs++]), 0);
        m->has_serial = row->has_serial;
        m->cmdline_extra = row->cmdline ? strdup(row->cmdline) : NULL;
        return m;
}

static void checks_values(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(machine_drop_at) struct machine *m = machine_of(&rows[i]);
                struct error err = {};
                int r = machine_check(m, &err);
                if (r != (rows[i].complaint ? -EINVAL : 0) || (r < 0 && !strstr(err.text, rows[i].complaint)))
                        fail_msg("%s: %d \"%s\"", rows[i].remark, r, err.text);
        }
}

static void refuses_a_mac_twice(void **state) {
        (void)state;
        CLEANUP(machine_drop_at) struct machine *m = machine_of(&rows[0]);
        m->macs[m->n_macs++] = m->macs[0];
        assert_int_equal(machine_check(m, NULL), -EINVAL);
}

static void names_architectures(void **state) {
        (void)state;
        enum arch a;
        assert_int_equal(arch_parse("arm64", &a), 0);
        assert_int_equal(a, ARCH_ARM64);
        assert_string_equal(arch_name(ARCH_ARMHF), "armhf");
        assert_string_equal(arch_name(ARCH_NONE), "");
        assert_int_equal(arch_parse("aarch64", &a), -EINVAL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(checks_values),
                cmocka_unit_test(refuses_a_mac_twice),
                cmocka_unit_test(names_architectures),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
