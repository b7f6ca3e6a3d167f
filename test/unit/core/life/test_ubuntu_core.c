/* Ubuntu Core is written unchanged: what can be asked of it, and what its agent is told. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "life_world.h"

#define USER "\"assertion\": \"type: system-user\\nusername: jo\\n\\nAcLB\\n\""

static const struct {
        const char *remark, *wish, *says; /* @says NULL: it is taken */
} rows[] = {
        { "nobody may log in", "{\"image\": \"core\"}", NULL },
        { "who may log in", "{\"image\": \"core\", " USER "}", NULL },
        { "on that stick", "{\"image\": \"core\", " USER ", \"assertion_disk\": \"/dev/sda\"}", NULL },
        { "what is said as if it were not",
          "{\"image\": \"core\", \"keep_firmware\": false, \"authorized_keys\": [], \"hostname\": null}",
          NULL },
        { "a stick for nothing", "{\"image\": \"core\", \"assertion_disk\": \"sda\"}",
          "no assertion that the disk sda" },
        { "a key, as other systems take it",
          "{\"image\": \"core\", \"authorized_keys\": [\"ssh-ed25519 AAAA jo\"]}",
          "leave authorized_keys out; who may log in is said with --assertion FILE" },
        { "cloud-init's data", "{\"image\": \"core\", \"user_data\": \"#cloud-config\\n\"}",
          "leave user_data out" },
        { "a part of a disk", "{\"image\": \"core\", \"keep_firmware\": true}", "leave keep_firmware out" },
        { "a call home", "{\"image\": \"core\", \"done_when\": \"phone-home\"}", "does not phone home" },
        { "another system", "{\"image\": \"installed\", " USER "}", "image installed is not Ubuntu Core" },
        { "another system's stick", "{\"image\": \"installed\", \"assertion_disk\": \"sda\"}",
          "is not Ubuntu Core" },
        { "in memory", "{\"image\": \"core\", \"root\": \"ram\"}", "no root file system" },
        { "what snapd cannot read", "{\"image\": \"core\", \"assertion\": \"ssh-ed25519 AAAA jo\\n\"}",
          "no assertions that snapd could read: line 1" },
        { "nobody in it", "{\"image\": \"core\", \"assertion\": \"type: account\\n\\nAcLB\\n\"}",
          "no assertion of the type system-user" },
};

static void make_ready(struct world *w) {
        world_add(w, "box", 7, "");
        world_must(w, "box", "commission", "{\"scripts\": []}");
        world_say(w, "box", REPORT_HELLO, "{}");
        world_say(w, "box", REPORT_RESULT, "{\"ok\": true, \"error\": null, \"data\": {}}");
        world_is(w, "box", STATE_READY, NULL);
}

static void takes_what_it_can_do(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(world_close) struct world w;
                struct error error = { 0 };

                world_open(&w);
                make_ready(&w);
                int r = world_order(&w, "box", "deploy", rows[i].wish, &error);
                if (!rows[i].says ? r < 0 : r != -EINVAL || !strstr(error.text, rows[i].says))
                        fail_msg("%s: %d \"%s\"", rows[i].remark, r, error.text);
        }
}

/* The agent is told to leave it alone, and is given the assertion; it is up when SSH answers. */
static void is_written_unchanged(void **state) {
        CLEANUP(world_close) struct world w;

        (void)state;
        world_open(&w);
        make_ready(&w);
        world_must(&w, "box", "deploy", rows[2].wish);
        assert_string_equal(world_task(&w, "box"), "deploy");
        const char *task = world_machine(&w, "box")->task;
        assert_non_null(strstr(task, "\"unchanged\":true"));
        assert_non_null(strstr(task, "\"assertion\":{\"text\":\"type: system-user"));
        assert_non_null(strstr(task, "\"disk\":\"/dev/sda\"}"));
        world_say(&w, "box", REPORT_RESULT, "{\"ok\": true, \"error\": null, \"data\": {}}");
        world_is(&w, "box", STATE_DEPLOYING, "SSH");
}

static void others_are_changed(void **state) {
        CLEANUP(world_close) struct world w;

        (void)state;
        world_open(&w);
        make_ready(&w);
        world_must(&w, "box", "deploy", "{\"image\": \"installed\"}");
        const char *task = world_machine(&w, "box")->task;
        assert_non_null(strstr(task, "\"unchanged\":false"));
        assert_null(strstr(task, "assertion"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(takes_what_it_can_do),
                cmocka_unit_test(is_written_unchanged),
                cmocka_unit_test(others_are_changed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
