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
#include "core/machine/agent_report.h"
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

struct word_row {
        const char *tags, *pool, *note;
        const char *complaint; /* part of the sentence; NULL: it is a machine */
        const char *remark;
};

static const struct word_row word_rows[] = {
        { "arm64 lab-2 rack_b", "class.4", "two\n\tlines", NULL, "words for people" },
        { "arm arm64", "", NULL, NULL, "one tag begins as another does" },
        { "b a", "", NULL, "sorted", "not in order" },
        { "a a", "", NULL, "once", "twice" },
        { "arm64 arm", "", NULL, "sorted", "the shorter one stands first" },
        { "a  b", "", NULL, "no tag", "two spaces" },
        { "", "", NULL, "no tag", "no tags are NULL" },
        { NULL, "--all", NULL, "no name of a pool", "reads as an option" },
        { NULL, "a b", NULL, "no name of a pool", "two words" },
        { NULL, "", "\x1b[2J", "note", "a note that clears the screen" },
};

static void checks_words(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(word_rows); i++) {
                const struct word_row *row = &word_rows[i];
                CLEANUP(machine_drop_at) struct machine *m = machine_of(&rows[0]);
                struct error err = {};

                m->tags = row->tags ? strdup(row->tags) : NULL;
                m->note = row->note ? strdup(row->note) : NULL;
                assert_int_equal(text_copy(m->pool, sizeof(m->pool), row->pool), 0);
                int r = machine_check(m, &err);
                if (r != (row->complaint ? -EINVAL : 0) || (r < 0 && !strstr(err.text, row->complaint)))
                        fail_msg("%s: %d \"%s\"", row->remark, r, err.text);
        }
}

static void knows_its_tags(void **state) {
        (void)state;
        CLEANUP(machine_drop_at) struct machine *m = machine_of(&rows[0]);

        assert_false(machine_has_tag(m, "lab"));
        m->tags = strdup("arm64 lab-2 rack");
        assert_true(machine_has_tag(m, "arm64"));
        assert_true(machine_has_tag(m, "lab-2"));
        assert_true(machine_has_tag(m, "rack"));
        assert_false(machine_has_tag(m, "lab"));
        assert_false(machine_has_tag(m, "ack"));
        assert_false(machine_has_tag(m, ""));
}

static void copies_what_it_owns(void **state) {
        (void)state;
        CLEANUP(machine_drop_at) struct machine *m = machine_of(&rows[11]);
        m->reason = strdup("its power is by hand: switch it on");
        m->task = strdup("{}");
        m->deadline_s = 1700000000;

        CLEANUP(machine_drop_at) struct machine *copy = machine_copy(m);
        assert_non_null(copy);
        assert_string_equal(copy->name, m->name);
        assert_string_equal(copy->cmdline_extra, m->cmdline_extra);
        assert_ptr_not_equal(copy->cmdline_extra, m->cmdline_extra);
        assert_string_equal(copy->reason, m->reason);
        assert_string_equal(copy->task, m->task);
        assert_null(copy->seed);
        assert_int_equal(copy->deadline_s, m->deadline_s);
}

static void boots_for_what_its_state_is(void **state) {
        (void)state;
        static const struct {
                enum machine_state state;
                bool boots_own;
                enum root_kind root;
                int64_t inventory_s;
                enum boot_purpose purpose;
                const char *remark;
        } purposes[] = {
                { STATE_NEW, false, ROOT_INITRD, 0, PURPOSE_LOCAL, "by hand: its disk may be needed" },
                { STATE_NEW, false, ROOT_INITRD, 7, PURPOSE_PARK, "enlisted: it goes on from there" },
                { STATE_COMMISSIONING, false, ROOT_INITRD, 0, PURPOSE_COMMISSION, "looked at" },
                { STATE_TESTING, true, ROOT_DISK, 7, PURPOSE_COMMISSION, "tested, though it has a system" },
                { STATE_READY, false, ROOT_INITRD, 7, PURPOSE_PARK, "switched on by somebody" },
                { STATE_DEPLOYING, false, ROOT_DISK, 7, PURPOSE_DEPLOY, "to be written" },
                { STATE_DEPLOYING, true, ROOT_DISK, 7, PURPOSE_LOCAL, "written" },
                { STATE_DEPLOYING, true, ROOT_NFS, 7, PURPOSE_RUN, "diskless" },
                { STATE_DEPLOYED, true, ROOT_DISK, 7, PURPOSE_LOCAL, "runs from its disk" },
                { STATE_DEPLOYED, true, ROOT_INITRD, 0, PURPOSE_RUN, "runs an image" },
                { STATE_BROKEN, true, ROOT_DISK, 7, PURPOSE_LOCAL, "broken, and still runs" },
                { STATE_BROKEN, false, ROOT_DISK, 7, PURPOSE_PARK, "broken, and has nothing" },
                { STATE_FAILED_DEPLOYMENT, true, ROOT_DISK, 7, PURPOSE_PARK,
                  "what was written does not run" },
                { STATE_DISK_ERASING, false, ROOT_DISK, 7, PURPOSE_ERASE, "erased" },
                { STATE_ENTERING_RESCUE_MODE, true, ROOT_DISK, 7, PURPOSE_RESCUE, "on the way" },
                { STATE_RESCUE_MODE, true, ROOT_DISK, 7, PURPOSE_RESCUE, "rebooted in rescue" },
                { STATE_EXITING_RESCUE_MODE, true, ROOT_DISK, 7, PURPOSE_LOCAL, "back to its system" },
                { STATE_RETIRED, false, ROOT_INITRD, 7, PURPOSE_REFUSE, "no longer ours" },
        };

        for (size_t i = 0; i < ARRAY_LEN(purposes); i++) {
                const struct machine m = { .state = purposes[i].state,
                                           .boots_own = purposes[i].boots_own,
                                           .root = purposes[i].root,
                                           .inventory_s = purposes[i].inventory_s };
                if (machine_purpose(&m) != purposes[i].purpose)
                        fail_msg("%s: %s", purposes[i].remark, boot_purpose_name(machine_purpose(&m)));
        }
}

static void is_declared_by_its_image(void **state) {
        (void)state;
        struct machine m = { .image = "debian", .root = ROOT_DISK };

        machine_declare(&m);
        assert_int_equal(m.state, STATE_DEPLOYED);
        assert_int_equal(machine_purpose(&m), PURPOSE_RUN);
        m.image[0] = 0;
        machine_declare(&m);
        assert_int_equal(m.state, STATE_NEW);
        assert_int_equal(machine_purpose(&m), PURPOSE_LOCAL);
}

static void keeps_its_life_when_it_is_described_anew(void **state) {
        (void)state;
        CLEANUP(machine_drop_at) struct machine *was = machine_of(&rows[0]);
        CLEANUP(machine_drop_at) struct machine *now = machine_of(&rows[1]);
        struct error err = {};

        was->state = STATE_READY;
        was->state_since_s = 1700000000;
        was->reason = strdup("it passed");
        was->task_id = 7;
        (void)text_copy(was->power, sizeof(was->power), "wol");
        (void)text_copy(was->trust, sizeof(was->trust), "signed");
        was->eeprom_found = strdup("1 2 v\n");
        assert_int_equal(machine_amend(now, was, &err), 0);
        assert_int_equal(now->state, STATE_READY);
        assert_int_equal(now->state_since_s, 1700000000);
        assert_string_equal(now->reason, "it passed");
        assert_int_equal(now->task_id, 7);
        assert_string_equal(now->power, "wol");
        assert_string_equal(now->trust, "signed");
        assert_string_equal(now->eeprom_found, "1 2 v\n");
        assert_int_equal(now->n_macs, 0); /* what is described is as described */

        (void)text_copy(now->image, sizeof(now->image), "debian");
        assert_int_equal(machine_amend(now, was, &err), -EBUSY);
        assert_non_null(strstr(err.text, "is Ready: it gets another image by deploy"));

        was->state = STATE_NEW;
        assert_int_equal(machine_amend(now, was, &err), 0);
        assert_int_equal(machine_purpose(now), PURPOSE_RUN);
        assert_int_equal(now->state_since_s, 0); /* since now: the region knows when that is */
        was->is_locked = true;
        assert_int_equal(machine_amend(now, was, &err), -EBUSY);
        assert_non_null(strstr(err.text, "unlock it first"));
}

/* A secret that was given under another rule is nobody's to read because the rule changed. */
static void requires_trust_only_without_secrets(void **state) {
        static const struct {
                enum machine_state state;
                const char *seed, *good, *sentence; /* NULL: it may */
        } cases[] = {
                { STATE_DEPLOYED, NULL, NULL, NULL },
                { STATE_DEPLOYED,
                  "{\"user-data\":\"#cloud-config\\n{}\\n\",\"vendor-data\":\"#cloud-config\\n{\\\"phone_"
                  "home\\\": "
                  "{\\\"url\\\": \\\"@RACK@/seed/00/phone-home\\\"}}\"}",
                  NULL, NULL },
                { STATE_DEPLOYED, "{\"user-data\":\"#cloud-config\\npassword: x\"}", NULL, "with user data" },
                { STATE_DEPLOYED, "{\"vendor-data\":\"#!/bin/sh\"}", NULL, "with vendor data" },
                { STATE_DEPLOYED, "{\"user-data\":\"#!/bin/sh\",\"give_secrets\":true}", NULL, NULL },
                { STATE_DEPLOYED, NULL, "debian@1 {\"seed\":\"{\\\"user-data\\\":\\\"x\\\"}\"}",
                  "with user data" },
                { STATE_DEPLOYING, NULL, NULL, "is Deploying" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
                CLEANUP(machine_drop_at) struct machine *was = machine_of(&rows[0]);
                CLEANUP(machine_drop_at) struct machine *now = machine_of(&rows[0]);
                struct error err = {};

                was->state = cases[i].state;
                was->seed = cases[i].seed ? strdup(cases[i].seed) : NULL;
                was->good = cases[i].good ? strdup(cases[i].good) : NULL;
                assert_int_equal(machine_amend(now, was, &err), 0);
                now->require_trusted = true;
                assert_int_equal(machine_amend(now, was, &err), cases[i].sentence ? -EBUSY : 0);
                assert_true(!cases[i].sentence || strstr(err.text, cases[i].sentence));
                was->require_trusted = true; /* and who requires it already goes on */
                assert_int_equal(machine_amend(now, was, &err), 0);
        }
}

static void names_roots(void **state) {
        (void)state;
        for (size_t i = 0; i < ROOT_KINDS; i++) {
                enum root_kind r = ROOT_KINDS;
                assert_int_equal(root_parse(root_name((enum root_kind)i), &r), 0);
                assert_int_equal(r, i);
        }
        enum root_kind r;
        assert_int_equal(root_parse("floppy", &r), -EINVAL);
}

static void copies_a_report(void **state) {
        (void)state;
        char body[] = "{\"task\": 7}, and what follows it";
        const struct agent_report r = {
                .kind = REPORT_RESULT, .machine = 3, .task = 7, .body = body, .body_len = 11
        };
        CLEANUP(agent_report_free_at) struct agent_report *copy = agent_report_copy(&r);

        assert_non_null(copy);
        assert_int_equal(copy->machine, 3);
        assert_string_equal(copy->body, "{\"task\": 7}");
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
                cmocka_unit_test(checks_words),
                cmocka_unit_test(knows_its_tags),
                cmocka_unit_test(copies_what_it_owns),
                cmocka_unit_test(boots_for_what_its_state_is),
                cmocka_unit_test(is_declared_by_its_image),
                cmocka_unit_test(keeps_its_life_when_it_is_described_anew),
                cmocka_unit_test(requires_trust_only_without_secrets),
                cmocka_unit_test(names_roots),
                cmocka_unit_test(copies_a_report),
                cmocka_unit_test(names_architectures),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
