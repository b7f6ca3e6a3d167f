/* Whole lives: from the first report to a deployed machine and back, whatever comes between. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/life/task.h"
#include "core/machine/eeprom_found.h"
#include "core/machine/seed_secret.h"
#include "life_world.h"

#define INVENTORY \
        "{\"ok\": true, \"error\": null, \"data\": {\"memory\": {\"total\": 4}, \"network\": {\"cards\": " \
        "[{\"ports\": [" \
        "{\"address\": \"02:00:00:00:00:07\"}, {\"address\": \"02:00:00:00:01:07\"}]}]}}}"
#define OK "{\"ok\": true, \"error\": null, \"data\": {}}"
#define PASSED(name) \
        "{\"name\": \"" name "\", \"status\": \"passed\", \"exit\": 0, \"runtime_s\": 1.5, \"output\": " \
        "\"\"}"

#define WORLD(name) \
        CLEANUP(world_close) struct world name; \
        world_open(&name)

static void commission(struct world *w, const char *name) {
        world_must(w, name, "commission", NULL);
        if (w->power_job)
                world_power(w);
        world_say(w, name, REPORT_HELLO, "{}");
        world_say(w, name, REPORT_RESULT, INVENTORY);
        world_say(w, name, REPORT_SCRIPT, PASSED("memory"));
        world_say(w, name, REPORT_RESULT, OK);
        if (w->power_job)
                world_power(w);
        world_is(w, name, STATE_READY, NULL);
}

static void deploy_to_disk(struct world *w, const char *name) {
        world_must(w, name, "deploy",
                   "{\"image\": \"installed\", \"authorized_keys\": [\"ssh-ed25519 AAAA zoe\"]}");
        if (w->power_job)
                world_power(w);
        world_say(w, name, REPORT_HELLO, "{}");
        world_is(w, name, STATE_DEPLOYING, "writes the image");
        assert_string_equal(world_task(w, name), "deploy");
        /* Where no cloud-init does it, the agent's first-boot unit phones home, and has to know where. */
        assert_non_null(
                strstr(world_machine(w, name)->task, "\"phone_home\":\"" MACHINE_RACK_MARK "/seed/0000"));
        world_say(w, name, REPORT_RESULT, OK);
        world_is(w, name, STATE_DEPLOYING, "phone home");
        assert_string_equal(world_task(w, name), "reboot");
        assert_int_equal(machine_purpose(world_machine(w, name)), PURPOSE_LOCAL);
        world_say(w, name, REPORT_RESULT, OK);
        world_say(w, name, REPORT_PHONE_HOME, NULL);
        world_is(w, name, STATE_DEPLOYED, NULL);
        assert_string_equal(world_task(w, name), "");
}

/* With power that can be switched: every boot is ours, and at the end it is off. */
static void lives_by_switched_power(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");

        world_must(&w, "pi4", "commission", NULL);
        world_is(&w, "pi4", STATE_COMMISSIONING, "power is being switched");
        world_power_turn(&w);
        world_power_end(&w, 0, NULL);
        world_is(&w, "pi4", STATE_COMMISSIONING, "agent is waited for");
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_is(&w, "pi4", STATE_COMMISSIONING, "looks at what it is made of");
        world_say(&w, "pi4", REPORT_RESULT, INVENTORY);
        assert_non_null(strstr(w.inventory, "\"memory\""));
        world_is(&w, "pi4", STATE_COMMISSIONING, "runs scripts");
        const struct machine *m = world_machine(&w, "pi4");
        assert_int_equal(m->inventory_s, w.now_s);
        assert_int_equal(m->n_macs, 2); /* the second card is its own too */
        assert_non_null(strstr(m->task, "\"builtin\":\"memory\""));
        world_say(&w, "pi4", REPORT_SCRIPT, PASSED("memory"));
        world_say(&w, "pi4", REPORT_SCRIPT, PASSED("storage"));
        assert_string_equal(w.scripts, "memory:passed storage:passed ");
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_is(&w, "pi4", STATE_READY, "switched off");
        world_power(&w);
        world_is(&w, "pi4", STATE_READY, NULL);
        assert_null(world_machine(&w, "pi4")->job);

        deploy_to_disk(&w, "pi4");
        world_must(&w, "pi4", "erase", NULL);
        world_is(&w, "pi4", STATE_DISK_ERASING, "power is being switched");
        m = world_machine(&w, "pi4");
        assert_true(!m->image[0] && !m->seed && !m->has_token && !m->boots_own);
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        assert_non_null(strstr(world_machine(&w, "pi4")->task, "\"how\":\"quick\""));
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_power(&w);
        world_is(&w, "pi4", STATE_READY, NULL);

        static const char *const log[] = { "boot pi4", "off pi4", "boot pi4", "boot pi4", "off pi4" };
        assert_int_equal(w.n_log, ARRAY_LEN(log));
        for (size_t i = 0; i < ARRAY_LEN(log); i++)
                assert_string_equal(w.log[i], log[i]);
}

/* Nobody can switch it: from one power-on it gets from unknown to deployed, and no hand is asked for. */
static void lives_from_one_power_on(void **state) {
        (void)state;
        WORLD(w);
        const char *name = "pi4b-000007";

        world_stranger(&w, 7, REPORT_HELLO, 0, "{}");
        assert_int_equal(site_n_machines(w.site), 0);
        world_stranger(&w, 7, REPORT_RESULT, AGENT_TASK_ENLIST, INVENTORY);
        world_is(&w, name, STATE_NEW, NULL);
        const struct machine *m = world_machine(&w, name);
        assert_true(m->has_serial && m->serial == 0xa1b20007 && m->arch == ARCH_ARM64 && m->n_macs == 2);
        assert_string_equal(m->board, "pi4b");
        assert_int_equal(machine_purpose(m), PURPOSE_PARK);
        assert_int_equal(m->task_id, AGENT_TASK_ENLIST + 1); /* another number than its agent has */
        world_say(&w, name, REPORT_PROGRESS, "{\"phase\": \"idle\"}");
        commission(&w, name);
        deploy_to_disk(&w, name);
        assert_int_equal(w.n_log, 0);

        /* Released, it runs on until a hand comes; nothing waits for that. */
        world_must(&w, name, "release", NULL);
        world_is(&w, name, STATE_READY, "runs on until somebody switches it off");
}

static void asks_for_a_hand_and_notices_it(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "");

        world_must(&w, "pi4", "commission", NULL);
        world_is(&w, "pi4", STATE_COMMISSIONING, "its power is by hand: switch it on");
        assert_int_equal(world_machine(&w, "pi4")->deadline_s, w.now_s + LIFE_HAND_S);
        world_pass(&w, 24 * 3600);
        world_is(&w, "pi4", STATE_COMMISSIONING, "by hand");
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_is(&w, "pi4", STATE_COMMISSIONING, "looks at");
        assert_true(world_machine(&w, "pi4")->deadline_s < w.now_s + 3600);
        assert_int_equal(w.power_job, 0);

        /* A driver that finds out that it needs a hand says so in its own words. */
        world_add(&w, "pi5", 8, "fake");
        world_must(&w, "pi5", "commission", NULL);
        world_power_turn(&w);
        world_power_end(&w, 1, "plug it into port 7");
        world_is(&w, "pi5", STATE_COMMISSIONING, "plug it into port 7");
        world_pass(&w, LIFE_HAND_S);
        world_is(&w, "pi5", STATE_FAILED_COMMISSIONING, "nobody switched it on within 7 days");
}

/* Every state that waits gives up, and says why. */
static void gives_up_in_words(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");

        world_must(&w, "pi4", "commission", NULL);
        world_pass(&w, 1200);
        world_is(&w, "pi4", STATE_FAILED_COMMISSIONING, "its power was not switched within 20 minutes");
        assert_int_equal(w.power_job, 0); /* and it will not be any more */
        world_must(&w, "pi4", "commission", NULL);
        world_power(&w);
        world_pass(&w, 1199);
        world_is(&w, "pi4", STATE_COMMISSIONING, "waited for");
        world_pass(&w, 1);
        world_is(&w, "pi4", STATE_FAILED_COMMISSIONING, "no agent came up within 20 minutes");

        /* An agent at work is given time as long as it gets on. */
        world_must(&w, "pi4", "commission", NULL);
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        for (int i = 0; i < 20; i++) {
                char progress[64];
                world_pass(&w, 600);
                (void)snprintf(progress, sizeof(progress),
                               "{\"phase\": \"inventory\", \"done\": %d, \"total\": 20}", i);
                world_say(&w, "pi4", REPORT_PROGRESS, progress);
        }
        world_is(&w, "pi4", STATE_COMMISSIONING, "");
        world_say(&w, "pi4", REPORT_RESULT, INVENTORY);
        for (int i = 0; i < 40; i++) { /* it is alive, and does nothing */
                world_say_of(&w, "pi4", REPORT_PROGRESS, 1, "{\"phase\": \"idle\"}");
                world_pass(&w, 30);
        }
        world_is(&w, "pi4", STATE_FAILED_COMMISSIONING, "no progress for 15 minutes");

        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy", "{\"image\": \"live\"}");
        world_power(&w);
        world_pass(&w, 1200);
        world_is(&w, "pi4", STATE_FAILED_DEPLOYMENT, "no sign of its system came within 20 minutes");
        assert_int_equal(machine_purpose(world_machine(&w, "pi4")), PURPOSE_PARK);
        world_must(&w, "pi4", "deploy", "{\"image\": \"live\"}"); /* and again, from there */
        world_is(&w, "pi4", STATE_DEPLOYING, "");
}

/* A heartbeat that says the same is no progress; what takes long by its nature has its own time. */
static void gives_up_what_does_not_get_on(void **state) {
        static const struct {
                const char *remark, *order, *wish, *progress;
                int64_t lives_s, ends_s; /* of that heartbeat */
                const char *reason;
        } rows[] = {
                { "a card that hangs", "deploy", "{\"image\": \"installed\"}",
                  "\"phase\": \"write\", \"done\": 4096, \"total\": 65536", 1700, 1900,
                  "its agent told of no progress for 30 minutes: it is at write, 4096 of 65536" },
                { "zeros that are written", "test", "{\"scripts\": [\"storage\"]}",
                  "\"phase\": \"erase\", \"done\": 4096, \"total\": 65536", 1700, 1900,
                  "no progress for 30 minutes" },
                { "a disk that erases itself", "test", "{\"scripts\": [\"storage\"]}",
                  "\"phase\": \"erase\", \"done\": 0, \"total\": 65536", 23 * 3600, 24 * 3600 + 900,
                  "no progress for 24 hours: it is at erase" },
                { "its turn, or a server that comes back", "deploy", "{\"image\": \"installed\"}",
                  "\"phase\": \"wait\", \"text\": \"the root is not ready yet\"", 23 * 3600, 24 * 3600 + 900,
                  "no progress for 24 hours: it is at wait, the root is not ready yet" },
                { "a script that has its own limit", "test",
                  "{\"scripts\": [{\"name\": \"long\", \"body_base64\": \"IyEvYmluL3NoCg==\", \"timeout_s\": "
                  "20000}]}",
                  "\"phase\": \"script\", \"done\": 0, \"total\": 1, \"text\": \"long\"", 21000, 23000,
                  "it is at script, 0 of 1, long" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                WORLD(w);
                print_message("%s\n", rows[i].remark);
                world_add(&w, "pi4", 7, "fake");
                commission(&w, "pi4");
                world_must(&w, "pi4", rows[i].order, rows[i].wish);
                world_power(&w);
                world_say(&w, "pi4", REPORT_HELLO, "{}");
                const enum machine_state state_of_work = world_machine(&w, "pi4")->state;
                const uint64_t task = world_machine(&w, "pi4")->task_id;
                for (int64_t s = 0; s < rows[i].ends_s; s += 30) {
                        char progress[160]; /* how fast it was says nothing of how far it is */
                        (void)snprintf(progress, sizeof(progress), "{%s, \"rate\": %d}", rows[i].progress,
                                       (int)s);
                        world_say_of(&w, "pi4", REPORT_PROGRESS, task, progress);
                        world_pass(&w, 30);
                        if (s < rows[i].lives_s)
                                assert_int_equal(world_machine(&w, "pi4")->state, state_of_work);
                }
                world_is(&w, "pi4", rows[i].order[0] == 'd' ? STATE_FAILED_DEPLOYMENT : STATE_FAILED_TESTING,
                         rows[i].reason);
        }
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy", "{\"image\": \"installed\"}");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_PROGRESS, "{\"phase\": \"erase\", \"total\": 65536}");
        world_pass(&w, 900); /* what is long is not long for one that is gone */
        world_is(&w, "pi4", STATE_FAILED_DEPLOYMENT, "heard of last 15 minutes ago: it was at erase");
}

/* The same first words an hour later are a new beginning. */
static void work_begins_anew_with_each_deployment(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");

        for (unsigned turn = 0; turn < 2; turn++) {
                world_must(&w, "pi4", "deploy", "{\"image\": \"bare\", \"root\": \"nfs\"}");
                world_power(&w);
                world_say(&w, "pi4", REPORT_HELLO, "{}");
                for (unsigned s = 0; s < 1500; s += 30) {
                        world_say_of(&w, "pi4", REPORT_PROGRESS, AGENT_TASK_ROOT,
                                     "{\"phase\": \"fetch\", \"done\": 1}");
                        world_pass(&w, 30);
                }
                world_is(&w, "pi4", STATE_DEPLOYING, "its system starts");
                world_say_of(&w, "pi4", REPORT_RESULT, AGENT_TASK_ROOT, "{\"ok\": false, \"error\": \"no\"}");
                world_is(&w, "pi4", STATE_FAILED_DEPLOYMENT, "no");
                world_pass(&w, 3600);
        }
}

static void fails_where_its_power_fails(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");

        world_must(&w, "pi4", "commission", NULL);
        world_power_turn(&w);
        world_power_end(&w, -ETIMEDOUT, "switch 10.0.0.2 port 7: no answer in 5 s");
        world_is(&w, "pi4", STATE_FAILED_COMMISSIONING, "port 7: no answer");

        /* Where nothing hangs on it the machine is what it is, and the failure is told. */
        world_must(&w, "pi4", "commission", NULL);
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_RESULT, INVENTORY);
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_power_turn(&w);
        world_power_end(&w, -EACCES, "switch 10.0.0.2: it refuses the community");
        world_is(&w, "pi4", STATE_READY, "refuses the community");
        assert_null(world_machine(&w, "pi4")->job);
}

static void says_which_scripts_failed(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        world_must(
                &w, "pi4", "commission",
                "{\"scripts\": [\"memory\", {\"name\": \"99-mine\", \"body_base64\": \"IyEvYmluL3NoCg==\", "
                "\"timeout_s\": 60}]}");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_RESULT, INVENTORY);
        const struct machine *m = world_machine(&w, "pi4");
        assert_non_null(strstr(m->task, "\"body_base64\":\"IyEvYmluL3NoCg==\""));
        assert_null(strstr(m->task, "storage"));

        world_say(&w, "pi4", REPORT_SCRIPT, "{\"name\": \"memory\", \"status\": \"failed\", \"exit\": 1}");
        world_say(&w, "pi4", REPORT_SCRIPT, "{\"name\": \"memory\", \"status\": \"failed\", \"exit\": 1}");
        world_say(&w, "pi4", REPORT_SCRIPT, "{\"name\": \"99-mine\", \"status\": \"timedout\"}");
        world_say(&w, "pi4", REPORT_SCRIPT, "{\"status\": \"failed\"}"); /* which one? */
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_is(&w, "pi4", STATE_FAILED_COMMISSIONING, "scripts that did not pass: memory, 99-mine");

        world_must(&w, "pi4", "commission", "{\"scripts\": []}"); /* none: the inventory is all */
        world_say(&w, "pi4", REPORT_RESULT, INVENTORY);
        world_is(&w, "pi4", STATE_READY, "switched off");
}

static void counts_a_result_once(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        world_must(&w, "pi4", "commission", NULL);
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        uint64_t task = world_machine(&w, "pi4")->task_id;

        world_say_of(&w, "pi4", REPORT_RESULT, task, INVENTORY);
        unsigned n = w.n_decided;
        world_say_of(&w, "pi4", REPORT_RESULT, task, INVENTORY);
        world_say_of(&w, "pi4", REPORT_RESULT, task, "{\"ok\": false, \"error\": \"late\"}");
        world_say_of(&w, "pi4", REPORT_RESULT, task + 9, OK);
        assert_int_equal(w.n_decided, n);
        world_is(&w, "pi4", STATE_COMMISSIONING, "runs scripts");

        /* One that got lost on the way is asked for again: the agent idles where it should work. */
        task = world_machine(&w, "pi4")->task_id;
        world_say(&w, "pi4", REPORT_PROGRESS, "{\"phase\": \"idle\"}");
        assert_int_equal(world_machine(&w, "pi4")->task_id, task + 1);
        assert_string_equal(world_task(&w, "pi4"), "scripts");
        assert_non_null(strstr(world_machine(&w, "pi4")->task, "\"builtin\":\"memory\""));
}

static void fails_with_the_agents_words(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy", "{\"image\": \"installed\"}");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_RESULT,
                  "{\"ok\": false, \"error\": \"/dev/mmcblk0 carries the firmware\\nthat boots it\", "
                  "\"data\": {}}");
        world_is(&w, "pi4", STATE_FAILED_DEPLOYMENT,
                 "deploy failed: /dev/mmcblk0 carries the firmware that boots it");
}

static void deploys_what_an_image_can(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};
        world_add(&w, "pi4", 7, "fake");

        assert_int_equal(world_order(&w, "pi4", "deploy", "{\"image\": \"live\"}", &error), -EBUSY);
        assert_string_equal(
                error.text,
                "machine pi4 is New: deploy begins from Ready, Reserved, Failed deployment, Allocated");
        commission(&w, "pi4");
        static const struct {
                const char *wish, *sentence;
        } wrong[] = {
                { "{}", "\"image\" is missing" },
                { "{\"image\": \"nothing\"}", "there is no image nothing" },
                { "{\"image\": \"tool\", \"root\": \"disk\"}",
                  "no disk that could be written: its root can be initrd" },
                { "{\"image\": \"tool\", \"root\": \"nfs\"}", "no root file system for root nfs" },
                { "{\"image\": \"live\", \"root\": \"floppy\"}", "there are initrd, disk" },
                { "{\"image\": \"live\", \"done_when\": \"written\"}", "nothing is written for root ram" },
                { "{\"image\": \"live\", \"owner\": \"{oe\"}", "whoever has it" },
                { "{\"image\": \"live\", \"hostname\": \"a b\"}", "is no host name" },
                { "{\"image\": \"live\", \"imgae\": \"x\"}", "\"image\" is probably meant" },
                { "{\"image\": \"live\", \"authorized_keys\": [\"a\\nb\"]}", "one line" },
        };
        for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
                if (world_order(&w, "pi4", "deploy", wrong[i].wish, &error) >= 0 ||
                    !strstr(error.text, wrong[i].sentence))
                        fail_msg("%s: \"%s\"", wrong[i].wish, error.text);
        }
        world_is(&w, "pi4", STATE_READY, NULL); /* and none of them did anything */

        world_must(&w, "pi4", "deploy", "{\"image\": \"live\", \"hostname\": \"node7\", \"owner\": \"zoe\"}");
        const struct machine *m = world_machine(&w, "pi4");
        assert_int_equal(m->root, ROOT_RAM);
        assert_string_equal(m->owner, "zoe");
        assert_true(m->boots_own && m->has_token);
        assert_non_null(strstr(m->seed, "node7"));
        assert_non_null(strstr(m->seed, MACHINE_RACK_MARK "/seed/0000"));
        assert_ptr_equal(site_machine_by_token(w.site, m->token_hash), m);
        assert_int_equal(machine_purpose(m), PURPOSE_RUN);
        world_power(&w);
        world_say(&w, "pi4", REPORT_SYSTEM_DHCP, NULL);
        world_is(&w, "pi4", STATE_DEPLOYING, "phone home"); /* an address is not the sign that was meant */
        world_say(&w, "pi4", REPORT_PHONE_HOME, NULL);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
}

static void takes_the_sign_that_was_meant(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");

        world_must(&w, "pi4", "deploy", "{\"image\": \"tool\"}"); /* an initrd: by its address */
        world_power(&w);
        world_is(&w, "pi4", STATE_DEPLOYING, "ask for an address");
        world_say(&w, "pi4", REPORT_SYSTEM_DHCP, NULL);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
        world_must(&w, "pi4", "release", NULL);
        world_is(&w, "pi4", STATE_RELEASING, "switched off");
        world_power(&w);
        world_is(&w, "pi4", STATE_READY, NULL);

        world_must(&w, "pi4", "deploy",
                   "{\"image\": \"appliance\"}"); /* nothing in it would tell: it is written */
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
        assert_string_equal(world_task(&w, "pi4"), ""); /* the task of writing has its reboot in it */
        struct life_view v;
        assert_true(life_view(w.life, world_machine(&w, "pi4"), w.now_s, &v));
        assert_false(v.agent_is_up); /* and who wants it back has to boot it */
        world_must(&w, "pi4", "release", NULL);
        world_power(&w);

        world_must(&w, "pi4", "deploy", "{\"image\": \"live\", \"done_when\": \"ssh\"}");
        world_power(&w);
        assert_string_equal(w.probed, "");
        world_say(&w, "pi4", REPORT_SYSTEM_DHCP, NULL);
        assert_string_equal(w.probed, "10.77.0.9"); /* there is somebody to ask now */
        life_probed(w.life, world_machine(&w, "pi4")->id);
        world_pump(&w);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
}

/* It may ask for its address in the moment in which it is switched off. */
static void a_system_that_is_being_switched_off_gives_no_sign(void **state) {
        (void)state;
        WORLD(w);

        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy",
                   "{\"image\": \"tool\", \"root\": \"initrd\", \"done_when\": \"dhcp\"}");
        world_is(&w, "pi4", STATE_DEPLOYING, "power is being switched");
        world_say(&w, "pi4", REPORT_SYSTEM_DHCP, NULL);
        world_is(&w, "pi4", STATE_DEPLOYING, "power is being switched");
        world_power(&w);
        world_say(&w, "pi4", REPORT_SYSTEM_DHCP, NULL);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
}

/* By hand, and no agent is there: its system asks for an address, which another one that still runs renews.
 */
static void a_system_that_a_hand_starts_gives_its_sign(void **state) {
        static const char *const signs[] = { "dhcp", "ssh" };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
                WORLD(w);
                char order[128];
                world_add(&w, "pi4", 7, "");
                commission(&w, "pi4");
                world_pass(&w, LIFE_SILENCE_S); /* its agent was switched off */
                (void)snprintf(order, sizeof(order),
                               "{\"image\": \"tool\", \"root\": \"initrd\", \"done_when\": \"%s\"}",
                               signs[i]);
                world_must(&w, "pi4", "deploy", order);
                world_is(&w, "pi4", STATE_DEPLOYING, "by hand");
                world_renew(&w, "pi4");
                world_is(&w, "pi4", STATE_DEPLOYING, "by hand");
                assert_string_equal(w.probed, "");
                world_say(&w, "pi4", REPORT_SYSTEM_DHCP, NULL);
                if (strcmp(signs[i], "ssh") == 0) {
                        assert_string_equal(w.probed, "10.77.0.9");
                        life_probed(w.life, world_machine(&w, "pi4")->id);
                        world_pump(&w);
                }
                world_is(&w, "pi4", STATE_DEPLOYED, NULL);
        }
}

/* Nobody could log in: then nothing is switched for it. */
static void is_not_rescued_for_nobody(void **state) {
        static const char *const wishes[] = { NULL, "{\"authorized_keys\": []}" };
        (void)state;
        WORLD(w);
        struct error error = {};
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        deploy_to_disk(&w, "pi4");
        const size_t n_log = w.n_log;

        for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
                assert_int_equal(world_order(&w, "pi4", "rescue", wishes[i], &error), -EINVAL);
                assert_non_null(strstr(error.text, "bramble machine rescue pi4 --ssh-key KEY"));
        }
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
        assert_true(w.power_job == 0 && w.n_log == n_log);
        world_must(&w, "pi4", "release", NULL);
        world_power(&w);
        world_must(&w, "pi4", "retire", NULL);
        assert_int_equal(world_order(&w, "pi4", "rescue", NULL, &error), -EBUSY); /* with or without a key */
}

static void is_rescued_and_goes_back(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        deploy_to_disk(&w, "pi4");

        world_must(&w, "pi4", "rescue", "{\"authorized_keys\": [\"ssh-ed25519 AAAA zoe\"]}");
        world_is(&w, "pi4", STATE_ENTERING_RESCUE_MODE, "switched");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        assert_non_null(strstr(world_machine(&w, "pi4")->task, "ssh-ed25519 AAAA zoe"));
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_is(&w, "pi4", STATE_RESCUE_MODE, NULL);
        assert_string_equal(world_task(&w, "pi4"), "rescue"); /* also after a reboot in between */
        world_must(&w, "pi4", "exit-rescue", NULL);
        world_is(&w, "pi4", STATE_EXITING_RESCUE_MODE, "reboots");
        assert_int_equal(machine_purpose(world_machine(&w, "pi4")), PURPOSE_LOCAL);
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);

        /* Its agent hung: the power sends it on. */
        world_must(&w, "pi4", "rescue", "{\"authorized_keys\": [\"ssh-ed25519 AAAA zoe\"]}");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_pass(&w, LIFE_SILENCE_S);
        world_must(&w, "pi4", "exit-rescue", NULL);
        world_is(&w, "pi4", STATE_EXITING_RESCUE_MODE, "boots its own system");
        world_power(&w);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
}

/* What its agent left out of an erasing is said, also when its power was switched since. */
static void says_what_was_not_erased(void **state) {
        static const struct {
                const char *data, *reason;
        } rows[] = {
                { "{\"disks\": {\"sda\": \"quick\"}}", NULL },
                { "{\"disks\": {\"sda\": \"quick\"}, \"kept\": []}", NULL },
                { "{\"disks\": {\"sda\": \"quick\"}, \"kept\": [\"mmcblk0\", \"sd\\u001bb\", 7]}",
                  "not all of its disks are erased, as the firmware that it boots from is there: mmcblk0, sd "
                  "b" },
                { "{\"disks\": {}, \"kept\": [\"mmcblk0\"]}",
                  "no disk of it is erased, as the firmware that it boots from is there: mmcblk0" },
                { "{\"disks\": {}}", "no disk of it is erased: its agent found none" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                for (int fails = 0; fails < 2; fails++) {
                        WORLD(w);
                        char result[256];
                        world_add(&w, "pi4", 7, "fake");
                        commission(&w, "pi4");
                        deploy_to_disk(&w, "pi4");
                        world_must(&w, "pi4", "release", "{\"erase\": \"quick\"}");
                        world_power(&w);
                        world_say(&w, "pi4", REPORT_HELLO, "{}");
                        (void)snprintf(result, sizeof(result),
                                       "{\"ok\": true, \"error\": null, \"data\": %s}", rows[i].data);
                        world_say(&w, "pi4", REPORT_RESULT, result);
                        world_is(&w, "pi4", STATE_READY, rows[i].reason ? rows[i].reason : "switched off");
                        world_power_turn(&w);
                        world_power_end(&w, fails ? -EIO : 0, "port 7 is dead");
                        world_is(&w, "pi4", STATE_READY,
                                 rows[i].reason ? rows[i].reason
                                 : fails        ? "port 7 is dead"
                                                : NULL);
                        if (fails)
                                world_is(&w, "pi4", STATE_READY, "port 7 is dead");
                }
        }
}

static void is_tested_where_it_is(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        deploy_to_disk(&w, "pi4");

        world_must(&w, "pi4", "test", "{\"scripts\": [\"storage\"]}");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_SCRIPT, "{\"name\": \"storage\", \"status\": \"failed\"}");
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_is(&w, "pi4", STATE_FAILED_TESTING, "did not pass: storage");
        world_must(&w, "pi4", "override-failed-testing", NULL);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL); /* what was deployed is still on it */
        assert_string_equal(world_task(&w, "pi4"), "reboot");
        assert_string_equal(world_machine(&w, "pi4")->image, "installed");
}

static void is_enlisted_as_its_subnet_says(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};

        world_unknown(&w, SUBNET_UNKNOWN_DISCOVER);
        world_stranger(&w, 1, REPORT_RESULT, AGENT_TASK_ENLIST, INVENTORY);
        assert_int_equal(site_n_machines(w.site), 0);

        world_unknown(&w, SUBNET_UNKNOWN_APPROVE);
        world_stranger(&w, 1, REPORT_RESULT, AGENT_TASK_ENLIST, INVENTORY);
        world_stranger(&w, 1, REPORT_RESULT, AGENT_TASK_ENLIST, INVENTORY);
        assert_int_equal(site_n_machines(w.site), 1);
        world_is(&w, "pi4b-000001", STATE_NEW, "waits for approval");
        assert_int_equal(world_order(&w, "pi4b-000001", "commission", NULL, &error), -EBUSY);
        assert_non_null(strstr(error.text, "bramble machine approve pi4b-000001"));
        world_must(&w, "pi4b-000001", "approve", NULL);
        world_is(&w, "pi4b-000001", STATE_NEW, NULL);
        world_must(&w, "pi4b-000001", "commission", NULL);

        world_unknown(&w, SUBNET_UNKNOWN_ENLIST);
        world_stranger(&w, 2, REPORT_RESULT, AGENT_TASK_ENLIST, "{\"ok\": false, \"error\": \"no memory\"}");
        world_stranger(&w, 2, REPORT_RESULT, AGENT_TASK_ENLIST, "[]");
        world_stranger(&w, 2, REPORT_RESULT, AGENT_TASK_ENLIST, "{\"ok\": true}");
        world_stranger(&w, 2, REPORT_RESULT, AGENT_TASK_ENLIST + 1, INVENTORY);
        assert_int_equal(site_n_machines(w.site), 1);
}

#define CODE "{\"code\": \"K7QM-2XRD-9TF0\"}"

static void is_claimed_by_its_code_once(void **state) {
        static const struct {
                const char *remark, *wish;
                int r;
                const char *says;
        } rows[] = {
                { "another", "{\"code\": \"K7QM-2XRD-9TF1\"}", -EINVAL, "not the code of machine board" },
                { "none", "{\"code\": \"K7QM\"}", -EINVAL, "a code of 12 digits" },
                { "nothing", "{}", -EINVAL, "\"code\" is missing" },
                { "as somebody reads it", "{\"code\": \"k7qm 2xrd 9tfo\"}", 0, "" },
                { "once more", CODE, -EBUSY, "taken up already" },
        };
        (void)state;
        WORLD(w);
        struct error error = {};

        world_add(&w, "board", 1, "");
        assert_int_equal(world_order(&w, "board", "claim", CODE, &error), -EBUSY);
        world_must(&w, "board", "claim-code", CODE);
        world_is(&w, "board", STATE_NEW, "waits to be claimed");
        assert_int_equal(world_order(&w, "board", "commission", NULL, &error), -EBUSY);
        assert_non_null(strstr(error.text, "or claim with its code"));
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                error.text[0] = 0;
                if (world_order(&w, "board", "claim", rows[i].wish, &error) != rows[i].r ||
                    !strstr(error.text, rows[i].says))
                        fail_msg("%s: %s", rows[i].remark, error.text);
        }
        assert_false(world_machine(&w, "board")->has_claim);
        world_is(&w, "board", STATE_NEW, NULL);
        world_must(&w, "board", "commission", NULL);
        assert_int_equal(world_order(&w, "board", "claim-code", CODE, &error), -EBUSY);
        assert_non_null(strstr(error.text, "for a New one"));
}

static void a_claim_code_has_its_time(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};

        world_add(&w, "board", 1, "");
        world_must(&w, "board", "claim-code", "{\"code\": \"K7QM-2XRD-9TF0\", \"days\": 2}");
        world_pass(&w, 2 * 24 * 3600);
        assert_int_equal(world_order(&w, "board", "claim", CODE, &error), -EBUSY);
        assert_non_null(strstr(error.text, "no claim code that counts any more"));
        world_must(&w, "board", "claim-code", CODE);
        world_must(&w, "board", "claim", CODE);
}

static void an_agent_that_enlists_its_machine_is_up(void **state) {
        (void)state;
        WORLD(w);

        world_stranger(&w, 1, REPORT_RESULT, AGENT_TASK_ENLIST, INVENTORY);
        world_must(&w, "pi4b-000001", "commission", NULL);
        world_is(&w, "pi4b-000001", STATE_COMMISSIONING,
                 "looks at"); /* and nobody is asked to switch it on */
}

static void deploys_only_to_roots_that_are_served(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};

        w.roots = 1U << ROOT_INITRD | 1U << ROOT_DISK;
        world_restart(&w);
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        assert_int_equal(world_order(&w, "pi4", "deploy", "{\"image\": \"live\"}", &error), -EINVAL);
        assert_non_null(strstr(error.text, "root ram is not served here yet"));
        world_is(&w, "pi4", STATE_READY, NULL);
        deploy_to_disk(&w, "pi4");
}

/* From now on it requires trust, and its agent found that of its EEPROM. */
static void require_trust(struct world *w, const char *name, const char *level, const char *config) {
        CLEANUP(machine_drop_at) struct machine *m = machine_copy(world_machine(w, name));
        const struct eeprom_found found = { .build_s = 1, .config = config };

        assert_non_null(m);
        m->require_trusted = true;
        (void)snprintf(m->trust, sizeof(m->trust), "%s", level);
        free(m->eeprom_found);
        m->eeprom_found = config ? eeprom_found_print(&found) : NULL;
        world_put(w, m);
}

/* What its firmware would never start is not written to its disk; where nothing is known of it, it is. */
static void a_disk_that_would_not_start_is_not_written(void **state) {
        static const struct {
                const char *level, *config, *sentence; /* NULL: it is */
        } rows[] = {
                { "network-trusted", "BOOT_ORDER=0xf7\n", "starts nothing from a disk (BOOT_ORDER=0xf7)" },
                { "signed", "BOOT_ORDER=0xf17\nSIGNED_BOOT=1\n", "nothing without a signature" },
                { "none", "BOOT_ORDER=0xf17\nSIGNED_BOOT=1\n", "nothing without a signature" },
                { "fused", NULL, "nothing without a signature" },
                { "none", "BOOT_ORDER=0xf17\n", NULL },
                { "", NULL, NULL },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                WORLD(w);
                struct error error = {};
                world_add(&w, "pi4", 7, "");
                commission(&w, "pi4");
                require_trust(&w, "pi4", rows[i].level, rows[i].config);
                int r = world_order(&w, "pi4", "deploy", "{\"image\": \"installed\"}", &error);
                assert_int_equal(r, rows[i].sentence ? -EINVAL : 0);
                if (!rows[i].sentence)
                        continue;
                if (!strstr(error.text, rows[i].sentence) || !strstr(error.text, "deploy it with root ram"))
                        fail_msg("%s", error.text);
                world_is(&w, "pi4", STATE_READY, NULL);
        }
}

/* A volume is mounted beside what the system starts from, not over it. */
static void a_volume_is_not_in_the_place_of_the_system(void **state) {
        static const char *const wrong[] = { "/",       "/usr",   "/usr/local/bin", "/etc",       "/bin",
                                             "/sbin/x", "/boot",  "/lib",           "/lib64",     "/dev",
                                             "/proc",   "/sys/x", "/run",           "/srv/../etc" },
                                 *const right[] = { "/srv", "/srv/etc", "/var/lib/db", "/library", "/home" };
        (void)state;
        WORLD(w);

        world_add(&w, "pi4", 7, "");
        commission(&w, "pi4");
        for (size_t i = 0; i < ARRAY_LEN(wrong) + ARRAY_LEN(right); i++) {
                const bool is_right = i >= ARRAY_LEN(wrong);
                const char *mount = is_right ? right[i - ARRAY_LEN(wrong)] : wrong[i];
                struct error error = {};
                char wish[200];
                (void)snprintf(wish, sizeof(wish),
                               "{\"image\": \"no-image\", \"data\": {\"kind\": \"nfs\", \"mount\": \"%s\"}}",
                               mount);
                int r = world_order(&w, "pi4", "deploy", wish, &error);
                if (r != (is_right ? -ENOENT : -EINVAL))
                        fail_msg("%s: %s", mount, error.text);
        }
}

/* A root on a server cannot be checked, and who asks for secrets not be known: an order for a machine that
 * requires trust is refused before it is tried. */
static void refuses_what_cannot_be_trusted(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};

        world_add(&w, "pi4", 7, "");
        commission(&w, "pi4");
        require_trust(&w, "pi4", "", NULL);
        assert_int_equal(world_order(&w, "pi4", "deploy", "{\"image\": \"live\", \"root\": \"nfs\"}", &error),
                         -EINVAL);
        assert_non_null(strstr(error.text, "requires trust"));
        assert_int_equal(world_order(&w, "pi4", "deploy", "{\"image\": \"live\", \"root\": \"nbd\"}", &error),
                         -EINVAL);
        assert_int_equal(
                world_order(&w, "pi4", "deploy",
                            "{\"image\": \"live\", \"root\": \"ram\", \"user_data\": \"#cloud-config\"}",
                            &error),
                -EINVAL);
        assert_non_null(strstr(error.text, "--give-secrets"));
        static const char *const kinds[] = { "nfs", "nbd" };
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
                char wish[200];
                (void)snprintf(
                        wish, sizeof(wish),
                        "{\"image\": \"live\", \"root\": \"ram\", \"data\": {\"kind\": \"%s\", \"mount\": "
                        "\"/srv\"}}",
                        kinds[i]);
                assert_int_equal(world_order(&w, "pi4", "deploy", wish, &error), -EINVAL);
                assert_non_null(strstr(error.text, "nothing can say of a volume by"));
        }
        assert_int_equal(world_order(&w, "pi4", "deploy",
                                     "{\"image\": \"tool\", \"authorized_keys\": [\"ssh-rsa AAAA z\"]}",
                                     &error),
                         -EINVAL);
        assert_non_null(strstr(error.text, "leave authorized_keys out"));
        world_must(&w, "pi4", "deploy",
                   "{\"image\": \"live\", \"root\": \"ram\", \"user_data\": \"#cloud-config\", "
                   "\"give_secrets\": true, \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\"}}");
        assert_string_equal(seed_secret(world_machine(&w, "pi4")->seed), "user data");
        assert_true(seed_may_be_given(world_machine(&w, "pi4")->seed));
}

/* What an order without data of its own makes is no secret. */
static void a_seed_of_ours_has_no_secret(void **state) {
        (void)state;
        WORLD(w);

        world_add(&w, "pi4", 7, "");
        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy", "{\"image\": \"live\", \"root\": \"ram\"}");
        assert_non_null(world_machine(&w, "pi4")->seed);
        assert_null(seed_secret(world_machine(&w, "pi4")->seed));
}

/* The agent brings up the root of a diskless system: where it cannot, that is why nothing was deployed. */
static void brings_up_a_root(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};

        world_add(&w, "pi4", 7, "");
        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy",
                   "{\"image\": \"bare\", \"root\": \"ram\", \"authorized_keys\": [\"ssh-rsa AAAA z\"]}");
        const struct machine *m = world_machine(&w, "pi4");
        assert_true(machine_is_run_by_agent(m));
        CLEANUP(json_decref_at) json_t *run = json_loads(m->run, 0, NULL);
        const char *root, *path, *init, *phone_home, *key;
        int is_persistent;
        assert_int_equal(json_unpack(run, "{s:s, s:b, s:s, s:{s:s}, s:{s:s, s:[s]}}", "root", &root,
                                     "persistent", &is_persistent, "init", &init, "squashfs", "path", &path,
                                     "first_boot", "phone_home", &phone_home, "authorized_keys", &key),
                         0);
        assert_string_equal(root, "ram");
        assert_false(is_persistent);
        assert_string_equal(init, "/sbin/init");
        assert_int_equal(strncmp(path, "blob/", 5), 0);
        assert_int_equal(strncmp(phone_home, MACHINE_RACK_MARK "/seed/0000", 16), 0);
        assert_string_equal(key, "ssh-rsa AAAA z");

        world_say(&w, "pi4", REPORT_RESULT, OK); /* the parked agent reboots it */
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_is(&w, "pi4", STATE_DEPLOYING, "its system starts");
        world_say_of(&w, "pi4", REPORT_PROGRESS, AGENT_TASK_ROOT, "{\"phase\": \"fetch\", \"done\": 1}");
        struct life_view view;
        assert_true(life_view(w.life, world_machine(&w, "pi4"), w.now_s, &view));
        assert_true(view.has_progress && view.agent_is_up);
        world_say_of(&w, "pi4", REPORT_RESULT, AGENT_TASK_ROOT,
                     "{\"ok\": false, \"error\": \"700 MB are wanted and 512 MB are there\"}");
        world_is(&w, "pi4", STATE_FAILED_DEPLOYMENT, "root ram: 700 MB are wanted");

        world_must(&w, "pi4", "deploy", "{\"image\": \"bare\", \"root\": \"nfs\"}");
        life_storage_progress(w.life, world_machine(&w, "pi4")->id, 30, 100, w.now_s);
        assert_true(life_view(w.life, world_machine(&w, "pi4"), w.now_s, &view));
        assert_true(view.has_progress);
        assert_string_equal(view.progress.phase, "storage");
        life_storage_failed(w.life, world_machine(&w, "pi4")->id, "the disk is full");
        world_pump(&w);
        world_is(&w, "pi4", STATE_FAILED_DEPLOYMENT, "the disk is full");

        world_must(&w, "pi4", "deploy", "{\"image\": \"bare\", \"root\": \"nbd\"}");
        assert_non_null(strstr(world_machine(&w, "pi4")->run, "\"server\":\"" MACHINE_RACK_HOST_MARK
                                                              "\",\"port\":10809,\"export\":\"m-1\""));
        assert_string_equal(world_task(&w, "pi4"), "reboot"); /* the agent that tried is still there */
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_say_of(&w, "pi4", REPORT_RESULT, AGENT_TASK_ROOT, OK);
        world_is(&w, "pi4", STATE_DEPLOYING, "its system starts");
        assert_true(life_view(w.life, world_machine(&w, "pi4"), w.now_s, &view));
        assert_false(view.agent_is_up); /* it made room for the system */
        world_say(&w, "pi4", REPORT_SYSTEM_DHCP, NULL);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
        world_must(&w, "pi4", "release", NULL);
        assert_null(world_machine(&w, "pi4")->run);

        static const char *const wrong[] = {
                "{\"image\": \"bare\", \"root\": \"ram\", \"persistent\": true}",
                "{\"image\": \"bare\", \"root\": \"nfs\", \"size\": 1073741824}",
                "{\"image\": \"tool\", \"data\": {\"kind\": \"nfs\", \"mount\": \"/srv\"}}",
        };
        for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
                assert_int_equal(world_order(&w, "pi4", "deploy", wrong[i], &error), -EINVAL);
        world_must(&w, "pi4", "deploy",
                   "{\"image\": \"bare\", \"root\": \"nbd\", \"persistent\": true, \"size\": 1073741824, "
                   "\"data\": {\"kind\": \"nfs\", \"mount\": \"/srv\"}}");
        const char *text = world_machine(&w, "pi4")->run;
        assert_non_null(strstr(text, "\"persistent\":true"));
        assert_non_null(strstr(text, "\"size\":1073741824"));
        assert_non_null(strstr(text, "\"path\":\"/m-1/data\""));
        assert_non_null(strstr(text, "\"kind\":\"nfs\",\"mount\":\"/srv\""));
        world_must(&w, "pi4", "release", "{\"keep_data\": true}");
        text = world_machine(&w, "pi4")->run;
        assert_non_null(strstr(text, "\"path\":\"/m-1/data\""));
        assert_null(strstr(text, "nbd")); /* its root goes */
        world_must(&w, "pi4", "deploy", "{\"image\": \"bare\", \"root\": \"ram\"}");
        world_must(&w, "pi4", "release", NULL);
        assert_null(world_machine(&w, "pi4")->run);
        life_storage_failed(w.life, world_machine(&w, "pi4")->id, "nobody waits for it any more");
        world_pump(&w);
        world_is(&w, "pi4", STATE_READY, "runs on until somebody");
        assert_int_equal(world_order(&w, "pi4", "deploy", "{\"image\": \"tool\", \"root\": \"ram\"}", &error),
                         -EINVAL);
}

/* A machine that runs "live" in memory, by a power that can be switched. */
static void run_in_memory(struct world *w, const char *power) {
        world_add(w, "pi4", 7, power);
        commission(w, "pi4");
        world_must(w, "pi4", "deploy", "{\"image\": \"live\", \"root\": \"ram\"}");
        if (w->power_job)
                world_power(w);
        world_say_of(w, "pi4", REPORT_HELLO, 0, "{}");
        world_say_of(w, "pi4", REPORT_RESULT, AGENT_TASK_ROOT, OK);
        world_say(w, "pi4", REPORT_PHONE_HOME, NULL);
        world_is(w, "pi4", STATE_DEPLOYED, NULL);
        assert_null(world_machine(w, "pi4")->good);
}

#define REVISION "{\"image\": \"live-next\", \"trial_minutes\": 5}"

/* What becomes of a new revision: by what it does, and by what is left undone. */
static void tries_a_new_revision(void **state) {
        (void)state;
        static const struct {
                const char *remark;
                unsigned hellos; /* boots of it that are heard of, a minute between two */
                bool is_up, fails, is_aborted;
                int64_t pass_s;
                const char *image, *reason;
        } rows[] = {
                { "it gives its sign", 1, true, false, false, 0, "live-next", NULL },
                { "and then its time does not count any more", 1, true, false, false, 600, "live-next",
                  NULL },
                { "it has time", 1, false, false, false, 299, NULL, "starts" },
                { "it gives none", 1, false, false, false, 301, "live",
                  "image live-next was on trial, and is not taken: no sign of its system came within 5 "
                  "minutes" },
                { "it goes round and round", 4, false, false, false, 121, "live", "within 5 minutes" },
                { "it never boots", 0, false, false, false, 1201, "live", "within 20 minutes" },
                { "its root cannot be had", 1, false, true, false, 0, "live",
                  "not taken: root ram: too large" },
                { "it is given up", 1, false, false, true, 0, "live", "the trial was given up" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                WORLD(w);
                char seed[1024];

                print_message("%s\n", rows[i].remark);
                run_in_memory(&w, "fake");
                (void)snprintf(seed, sizeof(seed), "%s", world_machine(&w, "pi4")->seed);
                world_must(&w, "pi4", "deploy", REVISION);
                assert_true(machine_falls_back_to(world_machine(&w, "pi4"), "live"));
                world_power(&w);
                world_restart(&w); /* all of it is on disk */
                for (unsigned n = 0; n < rows[i].hellos; n++) {
                        if (n)
                                world_pass(&w, 60);
                        world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
                }
                if (rows[i].fails)
                        world_say_of(&w, "pi4", REPORT_RESULT, AGENT_TASK_ROOT,
                                     "{\"ok\": false, \"error\": \"too large\"}");
                if (rows[i].is_up)
                        world_say(&w, "pi4", REPORT_PHONE_HOME, NULL);
                if (rows[i].is_aborted)
                        world_must(&w, "pi4", "abort", NULL);
                world_pass(&w, rows[i].pass_s);
                const struct machine *m = world_machine(&w, "pi4");
                world_is(&w, "pi4", rows[i].image ? STATE_DEPLOYED : STATE_DEPLOYING, rows[i].reason);
                if (!rows[i].image)
                        continue;
                assert_string_equal(m->image, rows[i].image);
                assert_null(m->good);
                const bool is_back = strcmp(rows[i].image, "live") == 0;
                assert_int_equal(strcmp(m->seed, seed) == 0, is_back); /* by which it phones home */
                assert_int_equal(machine_purpose(m), PURPOSE_RUN);
                /* It is booted once more: by its agent where that is still there. */
                const bool by_agent = rows[i].fails || rows[i].is_aborted;
                assert_int_equal(w.power_job != 0, is_back && !by_agent);
                assert_string_equal(world_task(&w, "pi4"), is_back && by_agent ? "reboot" : "");
        }
}

static void a_trial_waits_for_the_hand_that_boots_it(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};

        run_in_memory(&w, "");
        world_must(&w, "pi4", "deploy", REVISION);
        world_is(&w, "pi4", STATE_DEPLOYING, "by hand");
        world_pass(&w, 24 * 3600);
        world_is(&w, "pi4", STATE_DEPLOYING, "by hand"); /* what runs is still the one before */
        assert_int_equal(world_order(&w, "pi4", "deploy", REVISION, &error), -EBUSY);
        world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
        world_pass(&w, 301);
        world_is(&w, "pi4", STATE_DEPLOYED, "image live is back");
        assert_int_equal(
                world_order(&w, "pi4", "deploy", "{\"image\": \"tool\", \"root\": \"initrd\"}", &error),
                -EBUSY);
        assert_non_null(strstr(error.text, "has to be released first"));
        assert_int_equal(
                world_order(&w, "pi4", "deploy", "{\"image\": \"live\", \"trial_minutes\": 0}", &error),
                -EINVAL);
        world_is(&w, "pi4", STATE_DEPLOYED, "image live is back");
}

/* One that the server keeps, with what is said of its root. */
static void run_from_here(struct world *w, const char *root) {
        char order[256];

        world_add(w, "pi4", 7, "fake");
        commission(w, "pi4");
        (void)snprintf(order, sizeof(order), "{\"image\": \"live\", \"root\": %s}", root);
        world_must(w, "pi4", "deploy", order);
        if (w->power_job)
                world_power(w);
        world_say_of(w, "pi4", REPORT_HELLO, 0, "{}");
        world_say_of(w, "pi4", REPORT_RESULT, AGENT_TASK_ROOT, OK);
        world_say(w, "pi4", REPORT_PHONE_HOME, NULL);
        world_is(w, "pi4", STATE_DEPLOYED, NULL);
}

/* The new root is beside the one that was good, under another name, and in the end there is one of both. */
static void tries_a_root_that_is_kept_here(void **state) {
        (void)state;
        static const struct {
                const char *remark, *from, *options;
                const char *tried; /* what the text of the new root has in it */
                bool is_up;
                enum root_kind root; /* in the end */
        } rows[] = {
                { "a persistent disk", "\"nbd\", \"persistent\": true, \"size\": 1073741824", "",
                  "\"persistent\":true,\"data\":[],\"init\":\"/sbin/init\"", true, ROOT_NBD },
                { "and its size", "\"nbd\", \"persistent\": true, \"size\": 1073741824", "",
                  "\"size\":1073741824", false, ROOT_NBD },
                { "and its name", "\"nbd\", \"persistent\": true", "", "\"export\":\"m-1-root2\"", false,
                  ROOT_NBD },
                { "one that is said not to be so any more", "\"nbd\", \"persistent\": true",
                  ", \"persistent\": false", "\"persistent\":false", true, ROOT_NBD },
                { "a tree", "\"nfs\"", "", "\"path\":\"/m-1/root2\"", false, ROOT_NFS },
                { "data stay where they are", "\"nfs\", \"data\": {\"kind\": \"nfs\", \"mount\": \"/srv\"}",
                  "", "\"mount\":\"/srv\"", true, ROOT_NFS },
                { "another kind of root", "\"nfs\", \"persistent\": true", ", \"root\": \"nbd\"",
                  "\"root\":\"nbd\",\"persistent\":false", false, ROOT_NFS },
                { "and that is taken", "\"ram\"", ", \"root\": \"nfs\"", "\"root\":\"nfs\"", true, ROOT_NFS },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                WORLD(w);
                char order[256], run[1024];

                print_message("%s\n", rows[i].remark);
                run_from_here(&w, rows[i].from);
                const uint64_t deployment = world_machine(&w, "pi4")->deployment;
                (void)snprintf(run, sizeof(run), "%s", world_machine(&w, "pi4")->run);
                (void)snprintf(order, sizeof(order), "{\"image\": \"live-next\"%s}", rows[i].options);
                world_must(&w, "pi4", "deploy", order);
                assert_non_null(strstr(world_machine(&w, "pi4")->run, rows[i].tried));
                assert_true(world_machine(&w, "pi4")->deployment != deployment);
                world_power(&w);
                world_restart(&w);
                world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
                if (rows[i].is_up)
                        world_say(&w, "pi4", REPORT_PHONE_HOME, NULL);
                else
                        world_pass(&w, 601);
                const struct machine *m = world_machine(&w, "pi4");
                assert_int_equal(m->state, STATE_DEPLOYED);
                assert_null(m->good);
                assert_int_equal(m->root, rows[i].root);
                assert_int_equal(m->deployment == deployment, !rows[i].is_up);
                if (rows[i].is_up) {
                        assert_null(strstr(m->run, "\"left\""));
                        continue;
                }
                /* What was not taken stays until the machine boots: its system may run from it. */
                assert_non_null(strstr(m->run, "\"left\""));
                world_restart(&w);
                world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
                m = world_machine(&w, "pi4");
                assert_string_equal(m->run, run);
                world_is(&w, "pi4", STATE_DEPLOYED, "image live is back");
        }
}

/* What only a release, a deletion or another deployment ends is not lost to who has a broken machine looked
 * at. */
static void a_broken_machine_keeps_its_system(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};
        char run[2048];

        run_from_here(&w,
                      "\"nbd\", \"persistent\": true, \"data\": {\"kind\": \"nfs\", \"mount\": \"/srv\"}");
        (void)snprintf(run, sizeof(run), "%s", world_machine(&w, "pi4")->run);
        world_must(&w, "pi4", "mark-broken", NULL);
        assert_int_equal(world_order(&w, "pi4", "commission", NULL, &error), -EBUSY);
        assert_non_null(strstr(error.text, "image live is deployed on it: bramble machine test pi4"));
        assert_non_null(strstr(error.text, "to commission it, release it first"));
        world_must(&w, "pi4", "test", "{\"scripts\": [\"storage\"]}");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_SCRIPT, "{\"name\": \"storage\", \"status\": \"failed\"}");
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_is(&w, "pi4", STATE_FAILED_TESTING, "did not pass");
        assert_int_equal(world_order(&w, "pi4", "commission", NULL, &error), -EBUSY);
        assert_non_null(strstr(error.text, "(bramble machine override-failed-testing), and then release it"));
        assert_string_equal(world_machine(&w, "pi4")->run, run);
        world_must(&w, "pi4", "override-failed-testing", NULL);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
        assert_string_equal(world_machine(&w, "pi4")->run, run);

        /* One that nobody deployed anything on is looked at anew, and keeps what was to be kept. */
        world_must(&w, "pi4", "release", "{\"keep_data\": true}");
        if (w.power_job)
                world_power(&w);
        (void)snprintf(run, sizeof(run), "%s", world_machine(&w, "pi4")->run);
        world_must(&w, "pi4", "mark-broken", NULL);
        world_must(&w, "pi4", "commission", NULL);
        assert_string_equal(world_machine(&w, "pi4")->run, run);
}

/* Acquired again it has no root any more, and its data still. */
static void a_failed_deployment_that_is_acquired_keeps_data(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy",
                   "{\"image\": \"live\", \"root\": \"nbd\", \"data\": {\"kind\": \"nfs\", \"mount\": "
                   "\"/srv\"}}");
        life_storage_failed(w.life, world_machine(&w, "pi4")->id, "the disk is full");
        world_pump(&w);
        world_is(&w, "pi4", STATE_FAILED_DEPLOYMENT, "the disk is full");
        world_must(&w, "pi4", "acquire", NULL);
        const char *run = world_machine(&w, "pi4")->run;
        assert_non_null(run);
        assert_true(strstr(run, "/srv") && !strstr(run, "nbd"));
}

/* What the agent is told of a volume on a disk, from the first boot to the release. */
static void a_volume_on_a_disk_is_made_once(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};
        char uuid[64], run[1024];

        run_from_here(&w,
                      "\"ram\", \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\", \"disk\": \"/dev/sda\"}");
        const char *text = strstr(world_machine(&w, "pi4")->run,
                                  "\"data\":[{\"kind\":\"disk\",\"mount\":\"/srv\",\"disk\":"
                                  "\"/dev/sda\",\"uuid\":\"");
        assert_non_null(text);
        text = strstr(text, "\"uuid\"");
        (void)snprintf(uuid, sizeof(uuid), "%.41s", text);
        assert_int_equal(text[strlen("\"uuid\":\"") + 12], '4');    /* a UUID of version 4 */
        assert_null(strstr(world_machine(&w, "pi4")->run, "make")); /* it is there: it came up */

        /* A new revision has the same, and makes none. */
        world_must(&w, "pi4", "deploy", "{\"image\": \"live-next\"}");
        assert_non_null(strstr(world_machine(&w, "pi4")->run, uuid));
        assert_null(strstr(world_machine(&w, "pi4")->run, "make"));
        world_power(&w);
        world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
        world_say(&w, "pi4", REPORT_PHONE_HOME, NULL);

        /* Kept it is left alone by who erases the rest, and is found by the next deployment. */
        world_must(&w, "pi4", "release", "{\"keep_data\": true, \"erase\": \"full\"}");
        world_is(&w, "pi4", STATE_DISK_ERASING, "boots its agent");
        (void)snprintf(run, sizeof(run), "\"keep\":[%s]", uuid + strlen("\"uuid\":"));
        assert_non_null(strstr(world_machine(&w, "pi4")->task, run));
        assert_null(strstr(world_machine(&w, "pi4")->task, "volumes"));
        world_power(&w);
        world_say(&w, "pi4", REPORT_RESULT, OK);
        if (w.power_job)
                world_power(&w);
        world_is(&w, "pi4", STATE_READY, NULL);
        world_must(&w, "pi4", "deploy",
                   "{\"image\": \"live\", \"root\": \"ram\", \"data\": {\"kind\": \"disk\", \"mount\": "
                   "\"/data\"}}");
        assert_non_null(strstr(world_machine(&w, "pi4")->run, uuid));
        assert_null(strstr(world_machine(&w, "pi4")->run, "make"));
        world_power(&w);
        world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
        world_say(&w, "pi4", REPORT_PHONE_HOME, NULL);

        /* Not kept it is erased, alone where nothing else is. */
        world_must(&w, "pi4", "release", NULL);
        world_is(&w, "pi4", STATE_DISK_ERASING, "boots its agent");
        (void)snprintf(run, sizeof(run), "\"volumes\":[%s]", uuid + strlen("\"uuid\":"));
        assert_non_null(strstr(world_machine(&w, "pi4")->task, run));
        assert_non_null(strstr(world_machine(&w, "pi4")->task, "\"how\":\"quick\""));
        assert_non_null(strstr(world_machine(&w, "pi4")->task, "\"is_made\":true"));
        world_power(&w);
        world_say(&w, "pi4", REPORT_RESULT, OK);
        if (w.power_job)
                world_power(&w);
        world_is(&w, "pi4", STATE_READY, NULL);

        /* And the next is another one, which may take what is not empty if that is said. */
        world_must(&w, "pi4", "deploy",
                   "{\"image\": \"live\", \"root\": \"ram\", \"data\": {\"kind\": \"disk\", \"mount\": "
                   "\"/data\", "
                   "\"overwrite\": true}}");
        assert_null(strstr(world_machine(&w, "pi4")->run, uuid));
        assert_non_null(strstr(world_machine(&w, "pi4")->run, "\"make\":\"any\""));

        static const char *const wrong[] = {
                "{\"image\": \"live\", \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\", \"size\": "
                "1073741824}}",
                "{\"image\": \"live\", \"data\": {\"kind\": \"nfs\", \"mount\": \"/srv\", \"disk\": "
                "\"sda\"}}",
                "{\"image\": \"live\", \"data\": {\"kind\": \"tape\", \"mount\": \"/srv\"}}",
        };
        for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
                assert_int_equal(world_order(&w, "pi4", "deploy", wrong[i], &error), -EINVAL);
}

/* Who erases all disks has to find it among them, or says that it is gone for good: then nobody looks for it.
 */
static void a_disk_with_data_is_erased_kept_or_gone(void **state) {
        static const struct {
                const char *verb, *wish;
                bool is_erased, is_looked_for;
        } rows[] = {
                { "erase", "{\"how\": \"full\"}", true, true },
                { "release", "{\"erase\": \"quick\"}", true, true },
                { "erase", "{\"without_data_disk\": true}", true, false },
                { "release", "{\"erase\": \"full\", \"without_data_disk\": true}", true, false },
                { "release", "{\"without_data_disk\": true}", false, false },
        };
        struct error error = {};

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                WORLD(w);
                run_from_here(&w, "\"ram\", \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\"}");
                world_must(&w, "pi4", rows[i].verb, rows[i].wish);
                const struct machine *m = world_machine(&w, "pi4");
                assert_int_equal(m->state == STATE_DISK_ERASING, rows[i].is_erased);
                if (rows[i].is_erased) {
                        assert_int_equal(strstr(m->task, "\"data\":[") != NULL, rows[i].is_looked_for);
                        assert_null(strstr(m->task, "\"volumes\"")); /* and all others are erased */
                }
                assert_int_equal(m->run != NULL,
                                 rows[i].is_looked_for); /* it is forgotten, or when it is erased */
        }
        WORLD(w);
        run_from_here(&w, "\"ram\", \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\"}");
        world_must(&w, "pi4", "release", NULL);
        world_power(&w);
        world_say(&w, "pi4", REPORT_RESULT, "{\"ok\": false, \"error\": \"no disk\"}");
        assert_int_equal(world_order(&w, "pi4", "release",
                                     "{\"keep_data\": true, \"without_data_disk\": true}", &error),
                         -EINVAL);
        assert_non_null(strstr(error.text, "not both"));
        world_must(&w, "pi4", "release", "{\"without_data_disk\": true}");
        if (w.power_job)
                world_power(&w);
        world_is(&w, "pi4", STATE_READY, NULL);
        assert_null(world_machine(&w, "pi4")->run);
}

/* What goes wrong on the way loses no volume: whatever ends but a release, the next deployment finds it. */
static void a_volume_on_a_disk_outlives_what_goes_wrong(void **state) {
        (void)state;
        WORLD(w);
        char uuid[64];

#define WITH_DISK \
        "{\"image\": \"live\", \"root\": \"ram\", \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\"}}"
        run_from_here(&w, "\"ram\", \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\"}");
        (void)snprintf(uuid, sizeof(uuid), "%.41s", strstr(world_machine(&w, "pi4")->run, "\"uuid\""));
        world_must(&w, "pi4", "release", NULL);
        world_power(&w);
        world_say(&w, "pi4", REPORT_RESULT, "{\"ok\": false, \"error\": \"no disk\"}");
        world_is(&w, "pi4", STATE_FAILED_DISK_ERASING, "no disk");
        assert_non_null(strstr(world_machine(&w, "pi4")->run, uuid)); /* it is not erased */
        world_must(&w, "pi4", "release", NULL);
        assert_non_null(strstr(world_machine(&w, "pi4")->task, "\"volumes\"")); /* and nothing else is */
        world_say(&w, "pi4", REPORT_RESULT, "{\"ok\": false, \"error\": \"no disk\"}");
        world_must(&w, "pi4", "release", "{\"keep_data\": true}");
        if (w.power_job)
                world_power(&w);
        world_is(&w, "pi4", STATE_READY, NULL);

        world_must(&w, "pi4", "deploy", WITH_DISK);
        world_must(&w, "pi4", "abort", NULL);
        world_is(&w, "pi4", STATE_ALLOCATED, "switched off");
        world_power(&w);
        world_must(&w, "pi4", "deploy", WITH_DISK);
        assert_non_null(strstr(world_machine(&w, "pi4")->run, uuid));
        if (w.power_job)
                world_power(&w);
        world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
        world_say_of(&w, "pi4", REPORT_RESULT, AGENT_TASK_ROOT, "{\"ok\": false, \"error\": \"too large\"}");
        world_is(&w, "pi4", STATE_FAILED_DEPLOYMENT, "too large");
        world_must(&w, "pi4", "deploy", WITH_DISK);
        assert_non_null(strstr(world_machine(&w, "pi4")->run, uuid));
        world_must(&w, "pi4", "release", NULL); /* from where no erase begins */
        world_is(&w, "pi4", world_machine(&w, "pi4")->state, "kept for the next one");
        assert_non_null(strstr(world_machine(&w, "pi4")->run, uuid));
}

#define OVER_DISK \
        "{\"image\": \"live\", \"root\": \"ram\", \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\", " \
        "\"overwrite\": true}}"

/* That a disk which is not empty may be taken counts once, however that deployment ends. */
static void a_consent_counts_for_one_order(void **state) {
        static const struct {
                const char *remark;
                bool has_come_up; /* a system with the volume, before */
                const char *end, *wish;
                const char *make; /* of the next order; NULL: it is found, or nothing is */
        } rows[] = {
                { "it failed", false, NULL, NULL, "\"make\":\"empty\"" },
                { "it was given up", false, "abort", NULL, "\"make\":\"empty\"" },
                { "it was released", false, "release", "{\"keep_data\": true}", "\"make\":\"empty\"" },
                { "there are data already", true, NULL, NULL, NULL },
                { "and it was released", true, "release", "{\"keep_data\": true}", NULL },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                WORLD(w);
                print_message("%s\n", rows[i].remark);
                run_from_here(&w, rows[i].has_come_up
                                          ? "\"ram\", \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\"}"
                                          : "\"ram\"");
                world_must(&w, "pi4", "release", "{\"keep_data\": true}");
                if (w.power_job)
                        world_power(&w);
                world_must(&w, "pi4", "deploy", OVER_DISK);
                assert_non_null(strstr(world_machine(&w, "pi4")->run, "\"make\":\"any\""));
                if (w.power_job)
                        world_power(&w);
                world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
                if (rows[i].end)
                        world_must(&w, "pi4", rows[i].end, rows[i].wish);
                else
                        world_say_of(&w, "pi4", REPORT_RESULT, AGENT_TASK_ROOT,
                                     "{\"ok\": false, \"error\": \"no\"}");
                if (w.power_job)
                        world_power(&w);
                world_must(&w, "pi4", "deploy", WITH_DISK);
                const char *make = strstr(world_machine(&w, "pi4")->run, "\"make\"");
                if (!make != !rows[i].make ||
                    (make && strncmp(make, rows[i].make, strlen(rows[i].make)) != 0))
                        fail_msg("%s", world_machine(&w, "pi4")->run);
        }
}

/* Its agent need not find, to erase it, what no system ever came up with; but what one once did. */
static void only_a_volume_that_was_made_is_missed(void **state) {
        (void)state;
        static const struct {
                const char *remark;
                bool has_come_up;
                const char *deploy, *is_made;
        } rows[] = {
                { "its first deployment failed", false, WITH_DISK, "\"is_made\":false" },
                { "a later one failed", true, WITH_DISK, "\"is_made\":true" },
                { "a later one that would have taken another disk", true, OVER_DISK, "\"is_made\":true" },
        };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                WORLD(w);
                print_message("%s\n", rows[i].remark);
                run_from_here(&w, rows[i].has_come_up
                                          ? "\"ram\", \"data\": {\"kind\": \"disk\", \"mount\": \"/srv\"}"
                                          : "\"ram\"");
                world_must(&w, "pi4", "release", "{\"keep_data\": true}");
                if (w.power_job)
                        world_power(&w);
                world_is(&w, "pi4", STATE_READY, NULL);
                world_must(&w, "pi4", "deploy", rows[i].deploy);
                if (w.power_job)
                        world_power(&w);
                world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
                world_say_of(&w, "pi4", REPORT_RESULT, AGENT_TASK_ROOT, "{\"ok\": false, \"error\": \"no\"}");
                world_is(&w, "pi4", STATE_FAILED_DEPLOYMENT, "no");
                world_must(&w, "pi4", "release", NULL);
                world_is(&w, "pi4", STATE_DISK_ERASING, "its agent erases");
                assert_non_null(strstr(world_machine(&w, "pi4")->task, "\"volumes\""));
                assert_non_null(strstr(world_machine(&w, "pi4")->task, rows[i].is_made));
        }
}

/* Each revision has the name that the one before it does not have; what is not to be lost is refused. */
static void a_root_that_is_kept_here_has_one_of_two_names(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};

        run_from_here(&w, "\"nbd\", \"data\": {\"kind\": \"nfs\", \"mount\": \"/srv\"}");
        for (unsigned n = 1; n <= 3; n++) {
                world_must(&w, "pi4", "deploy", "{\"image\": \"live-next\"}");
                world_power(&w);
                world_say_of(&w, "pi4", REPORT_HELLO, 0, "{}");
                world_say(&w, "pi4", REPORT_PHONE_HOME, NULL);
                assert_non_null(strstr(world_machine(&w, "pi4")->run,
                                       n % 2 ? "\"export\":\"m-1-root2\"" : "\"export\":\"m-1\""));
        }
        assert_int_equal(world_order(&w, "pi4", "deploy",
                                     "{\"image\": \"live\", \"data\": {\"kind\": \"nbd\", \"mount\": "
                                     "\"/srv\"}}",
                                     &error),
                         -EBUSY);
        assert_non_null(strstr(error.text, "has its data by nfs"));
}

static void takes_in_only_so_many_strangers(void **state) {
        (void)state;
        WORLD(w);
        world_unknown(&w, SUBNET_UNKNOWN_APPROVE);
        for (int i = 0; i < LIFE_PENDING_MAX + 10; i++) {
                const char *body = "{\"ok\": true, \"data\": {}}";
                struct agent_report r = { .kind = REPORT_RESULT,
                                          .mac = { { 2, 1, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } },
                                          .task = AGENT_TASK_ENLIST,
                                          .body = (char *)body,
                                          .body_len = strlen(body) };
                assert_int_equal(ip_parse("10.77.0.9", &r.client_ip), 0);
                life_report(w.life, &r);
        }
        world_pump(&w);
        assert_int_equal(site_n_machines(w.site), LIFE_PENDING_MAX);
        assert_non_null(site_machine_by_name(w.site, "machine-000000"));
}

static void does_nothing_to_what_is_locked(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        world_must(&w, "pi4", "lock", NULL);
        assert_int_equal(world_order(&w, "pi4", "deploy", "{\"image\": \"live\"}", &error), -EBUSY);
        assert_string_equal(error.text, "machine pi4 is locked: unlock it first");
        assert_int_equal(world_order(&w, "pi4", "mark-broken", NULL, &error), -EBUSY);
        world_must(&w, "pi4", "unlock", NULL);
        world_must(&w, "pi4", "mark-broken", "{\"comment\": \"it smells\"}");
        world_is(&w, "pi4", STATE_BROKEN, "it smells");
        assert_int_equal(world_order(&w, "nobody", "lock", NULL, &error), -ENOENT);
        world_must(&w, "pi4", "mark-fixed", NULL);
        world_is(&w, "pi4", STATE_READY, NULL);
        world_must(&w, "pi4", "commission", NULL);
        assert_int_equal(world_order(&w, "pi4", "lock", NULL, &error), -EBUSY);
}

static void stops_when_it_is_told_to(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        world_must(&w, "pi4", "commission", NULL);
        world_must(&w, "pi4", "abort", NULL); /* before its power was switched: it is off, and stays so */
        world_is(&w, "pi4", STATE_NEW, "switched off");
        world_power(&w);
        assert_string_equal(w.log[0], "off pi4");
        assert_int_equal(w.n_log, 1);

        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy", "{\"image\": \"installed\"}");
        world_power_turn(&w);
        uint64_t job = w.power_job;
        w.power_job = 0;
        world_must(&w, "pi4", "abort", NULL); /* while it is being switched on */
        life_power_done(w.life, world_machine(&w, "pi4")->id, job, 0, NULL, NULL);
        world_pump(&w);
        world_is(&w, "pi4", STATE_ALLOCATED, "switched off");
        assert_string_equal(world_task(&w, "pi4"), "");
        world_power(&w);
        world_is(&w, "pi4", STATE_ALLOCATED, NULL);
        world_must(&w, "pi4", "release", NULL);
        world_power(&w);
        world_is(&w, "pi4", STATE_READY, NULL);
}

static void put_lines(struct world *w, enum config_lines_scope scope, const char *name, const char *text) {
        CLEANUP(config_lines_drop_at) struct config_lines *l = config_lines_new();
        struct error error = {};

        assert_non_null(l);
        l->scope = scope;
        (void)snprintf(l->name, sizeof(l->name), "%s", name);
        l->text = strdup(text);
        struct site *next = site_put_config_lines(w->site, l, &error);
        if (!next)
                fail_msg("%s", error.text);
        site_drop(w->site);
        w->site = next;
}

static void make(struct world *w, const char *board, const char *own) {
        CLEANUP(machine_drop_at) struct machine *m = machine_copy(world_machine(w, "pi4"));

        (void)snprintf(m->board, sizeof(m->board), "%s", board);
        free(m->tags);
        m->tags = strdup("rack-b");
        free(m->config_txt_extra);
        m->config_txt_extra = own ? strdup(own) : NULL;
        world_put(w, m);
}

static void writes_the_lines_for_config_txt_that_it_would_serve(void **state) {
        static const struct {
                const char *board, *own, *wish, *want;
        } rows[] = {
                { "pi4b", "c=3\n", "{\"image\": \"installed\"}", "a=1\n[all]\n[pi4]\nb=2\n[all]\nc=3\n" },
                { "pi4b", "c=3\n", "{\"image\": \"installed\", \"config_txt_extra\": \"d=4\"}",
                  "a=1\n[all]\n[pi4]\nb=2\n[all]\nd=4\n" }, /* in place of its own */
                { "pi5", NULL, "{\"image\": \"installed\"}", "[pi4]\nb=2\n" },
                { "uefi-arm64", NULL, "{\"image\": \"installed\"}", "" }, /* reads none, whatever its tags */
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                WORLD(w);
                world_add(&w, "pi4", 7, "");
                commission(&w, "pi4");
                make(&w, rows[i].board, rows[i].own);
                put_lines(&w, CONFIG_LINES_TAG, "rack-b", "[pi4]\nb=2\n");
                put_lines(&w, CONFIG_LINES_TAG, "rack-c", "nobody=1\n");
                put_lines(&w, CONFIG_LINES_BOARD, "pi4b", "a=1");
                world_must(&w, "pi4", "deploy", rows[i].wish);
                world_say(&w, "pi4", REPORT_HELLO, "{}");
                CLEANUP(json_decref_at) json_t *task = json_loads(world_machine(&w, "pi4")->task, 0, NULL);
                assert_string_equal(json_string_value(json_object_get(task, "config_txt_extra")),
                                    rows[i].want);
        }
}

/* It is Ready, and on its way off: who is quick with the next order shall not wait for an agent that is gone.
 */
static void boots_anew_what_is_being_switched_off(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        world_must(&w, "pi4", "commission", "{\"scripts\": []}");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_RESULT, INVENTORY);
        world_is(&w, "pi4", STATE_READY, "switched off");
        world_power_turn(&w);
        uint64_t job = w.power_job;
        w.power_job = 0;
        world_must(&w, "pi4", "deploy", "{\"image\": \"installed\"}");
        world_is(&w, "pi4", STATE_DEPLOYING, "power is being switched, so that it boots its agent");
        world_say(&w, "pi4", REPORT_PROGRESS, "{\"phase\": \"idle\"}"); /* its last word */
        life_power_done(w.life, world_machine(&w, "pi4")->id, job, 0, NULL, NULL);
        world_pump(&w);
        world_power(&w);
        world_is(&w, "pi4", STATE_DEPLOYING, "agent is waited for");
        assert_string_equal(w.log[w.n_log - 1], "boot pi4");
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_is(&w, "pi4", STATE_DEPLOYING, "writes the image");
}

/* A light to find it by, while its agent waits: nothing else is changed by it. */
static void blinks_while_it_waits(void **state) {
        (void)state;
        WORLD(w);
        struct error error = {};
        world_add(&w, "pi4", 7, "");
        assert_int_equal(world_order(&w, "pi4", "blink", NULL, &error), -EBUSY);
        assert_non_null(strstr(error.text, "no agent is heard"));

        world_must(&w, "pi4", "commission", NULL);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        assert_int_equal(world_order(&w, "pi4", "blink", NULL, &error), -EBUSY);
        assert_non_null(strstr(error.text, "at work (inventory)"));
        world_say(&w, "pi4", REPORT_RESULT, "{\"ok\": false, \"error\": \"it burns\"}");
        world_is(&w, "pi4", STATE_FAILED_COMMISSIONING, "it burns");

        assert_int_equal(world_order(&w, "pi4", "blink", "{\"seconds\": 0}", &error), -EINVAL);
        world_must(&w, "pi4", "blink", "{\"seconds\": 5}");
        assert_string_equal(world_task(&w, "pi4"), "blink");
        assert_non_null(strstr(world_machine(&w, "pi4")->task, "\"seconds\":5"));
        world_say(&w, "pi4", REPORT_RESULT, OK);
        assert_string_equal(world_task(&w, "pi4"), "");
        world_is(&w, "pi4", STATE_FAILED_COMMISSIONING, "it burns");
}

/* Its agent is up and done before the driver is told that the power is on: what is asked of the power next is
 * another thing, and the late answer is none to that. */
static void is_faster_than_its_switch(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        world_must(&w, "pi4", "commission", "{\"scripts\": []}");
        world_power_turn(&w);
        const uint64_t switching_on = w.power_job;
        w.power_job = 0;
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_RESULT, INVENTORY);
        world_is(&w, "pi4", STATE_READY, "switched off");
        assert_int_not_equal(w.power_job, switching_on);
        life_power_done(w.life, world_machine(&w, "pi4")->id, switching_on, 0, NULL, NULL);
        world_pump(&w);
        world_is(&w, "pi4", STATE_READY, "switched off");
        world_power(&w);
        world_is(&w, "pi4", STATE_READY, NULL);
        assert_string_equal(w.log[w.n_log - 1], "off pi4");
}

/* Nothing more is waited for once it is written: what comes next finds no agent there. */
static void boots_anew_what_was_only_written(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy", "{\"image\": \"installed\", \"done_when\": \"written\"}");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_RESULT, OK);
        world_is(&w, "pi4", STATE_DEPLOYED, NULL);
        size_t n_log = w.n_log;
        world_must(&w, "pi4", "erase", NULL);
        world_is(&w, "pi4", STATE_DISK_ERASING, "power is being switched, so that it boots its agent");
        world_power(&w);
        assert_int_equal(w.n_log, n_log + 1);
}

/* Somebody switched it off by himself, between two orders. */
static void boots_anew_what_somebody_switched_off(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "");
        world_must(&w, "pi4", "commission", "{\"scripts\": []}");
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        world_say(&w, "pi4", REPORT_RESULT, INVENTORY);
        world_is(&w, "pi4", STATE_READY, NULL);
        life_power_switched(w.life, world_machine(&w, "pi4")->id);
        world_must(&w, "pi4", "deploy", "{\"image\": \"installed\"}");
        world_is(&w, "pi4", STATE_DEPLOYING, "switch it on");
}

/* The same life, with the daemon killed after the step number @at: it ends the same, and what must happen
 * once happens once. */
struct step {
        const char *what;
        void (*take)(struct world *w);
};

static void order_commission(struct world *w) {
        world_must(w, "pi4", "commission", NULL);
}
static void power_turn(struct world *w) {
        world_power_turn(w);
}
static void power_end(struct world *w) {
        if (w->power_job && !w->is_power_gone)
                world_power_turn(w); /* after a restart it is queued anew */
        world_power_end(w, 0, NULL);
}
static void hello(struct world *w) {
        world_say(w, "pi4", REPORT_HELLO, "{}");
}
static void inventory(struct world *w) {
        world_say(w, "pi4", REPORT_RESULT, INVENTORY);
}
static void script(struct world *w) {
        world_say(w, "pi4", REPORT_SCRIPT, PASSED("memory"));
}
static void done(struct world *w) {
        world_say(w, "pi4", REPORT_RESULT, OK);
}
static void order_deploy(struct world *w) {
        world_must(w, "pi4", "deploy", "{\"image\": \"installed\"}");
}
static void phone_home(struct world *w) {
        world_say(w, "pi4", REPORT_PHONE_HOME, NULL);
}
static void order_erase(struct world *w) {
        world_must(w, "pi4", "erase", NULL);
}

static const struct step life_steps[] = {
        { "commission", order_commission },
        { "its turn", power_turn },
        { "switched", power_end },
        { "hello", hello },
        { "inventory", inventory },
        { "a script", script },
        { "scripts", done },
        { "its turn", power_turn },
        { "off", power_end },
        { "deploy", order_deploy },
        { "its turn", power_turn },
        { "switched", power_end },
        { "hello", hello },
        { "written", done },
        { "gone", done },
        { "up", phone_home },
        { "erase", order_erase },
        { "its turn", power_turn },
        { "switched", power_end },
        { "hello", hello },
        { "erased", done },
        { "its turn", power_turn },
        { "off", power_end },
};

static void survives_a_restart_at_any_point(void **state) {
        (void)state;
        for (size_t at = 0; at < ARRAY_LEN(life_steps); at++) {
                WORLD(w);
                world_add(&w, "pi4", 7, "fake");
                for (size_t i = 0; i < ARRAY_LEN(life_steps); i++) {
                        life_steps[i].take(&w);
                        if (i == at)
                                world_restart(&w);
                }
                world_is(&w, "pi4", STATE_READY, NULL);
                size_t n_boots = 0;
                for (size_t i = 0; i < w.n_log; i++)
                        n_boots += strcmp(w.log[i], "boot pi4") == 0;
                if (n_boots != 3)
                        fail_msg("killed after \"%s\" (%zu): it was switched on anew %zu times, not 3",
                                 life_steps[at].what, at, n_boots);
        }
}

/* What was begun before a restart is ended by what does no harm twice. */
static void never_begins_a_power_cycle_twice(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        world_must(&w, "pi4", "commission", NULL);
        world_restart(&w);
        assert_int_equal(w.power_action, LIFE_POWER_BOOT); /* nothing was begun */
        world_power_turn(&w);
        assert_string_equal(w.log[0], "boot pi4");
        world_restart(&w);
        assert_int_equal(w.power_action, LIFE_POWER_ON);
        world_power(&w);
        assert_string_equal(w.log[1], "on pi4");
        world_is(&w, "pi4", STATE_COMMISSIONING, "waited for");
}

static void forgets_who_was_deleted(void **state) {
        (void)state;
        WORLD(w);
        world_add(&w, "pi4", 7, "fake");
        world_must(&w, "pi4", "commission", NULL);
        uint64_t id = world_machine(&w, "pi4")->id;
        struct site *next = site_remove_machine(w.site, "pi4", NULL);
        site_drop(w.site);
        w.site = next;
        life_power_turn(w.life, id, w.power_job);
        world_pump(&w);
        assert_int_equal(w.n_log, 0);
        world_pass(&w, 100000);
        assert_int_equal(life_tick(w.life, w.now_s), INT64_MAX);
}

static void shows_how_far_it_is(void **state) {
        (void)state;
        WORLD(w);
        struct life_view v;
        world_add(&w, "pi4", 7, "fake");
        assert_false(life_view(w.life, world_machine(&w, "pi4"), w.now_s, &v));
        commission(&w, "pi4");
        world_must(&w, "pi4", "deploy", "{\"image\": \"installed\"}");
        world_power(&w);
        world_say(&w, "pi4", REPORT_HELLO, "{}");
        unsigned n = w.n_decided;
        world_say(&w, "pi4", REPORT_PROGRESS,
                  "{\"phase\": \"write\", \"done\": 500, \"total\": 1000, \"rate\": 10.5, \"text\": \"to "
                  "/dev/vda\\u001b[2J\"}");
        assert_int_equal(w.n_decided, n); /* nothing is written down for it */
        assert_true(life_view(w.life, world_machine(&w, "pi4"), w.now_s, &v));
        assert_true(v.agent_is_up && v.has_progress && v.progress.done == 500 && v.progress.total == 1000);
        assert_int_equal(v.progress.rate, 10);
        assert_string_equal(v.progress.phase, "write");
        assert_string_equal(v.progress.text, "to /dev/vda [2J");
        world_pass(&w, LIFE_SILENCE_S);
        assert_true(life_view(w.life, world_machine(&w, "pi4"), w.now_s, &v));
        assert_false(v.agent_is_up);
        world_say(&w, "pi4", REPORT_RESULT, OK);
        assert_true(life_view(w.life, world_machine(&w, "pi4"), w.now_s, &v));
        assert_false(v.has_progress); /* of another task */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(lives_by_switched_power),
                cmocka_unit_test(lives_from_one_power_on),
                cmocka_unit_test(asks_for_a_hand_and_notices_it),
                cmocka_unit_test(gives_up_in_words),
                cmocka_unit_test(gives_up_what_does_not_get_on),
                cmocka_unit_test(work_begins_anew_with_each_deployment),
                cmocka_unit_test(fails_where_its_power_fails),
                cmocka_unit_test(says_which_scripts_failed),
                cmocka_unit_test(counts_a_result_once),
                cmocka_unit_test(fails_with_the_agents_words),
                cmocka_unit_test(deploys_what_an_image_can),
                cmocka_unit_test(takes_the_sign_that_was_meant),
                cmocka_unit_test(a_system_that_is_being_switched_off_gives_no_sign),
                cmocka_unit_test(a_system_that_a_hand_starts_gives_its_sign),
                cmocka_unit_test(is_not_rescued_for_nobody),
                cmocka_unit_test(a_broken_machine_keeps_its_system),
                cmocka_unit_test(a_failed_deployment_that_is_acquired_keeps_data),
                cmocka_unit_test(is_rescued_and_goes_back),
                cmocka_unit_test(says_what_was_not_erased),
                cmocka_unit_test(is_tested_where_it_is),
                cmocka_unit_test(is_enlisted_as_its_subnet_says),
                cmocka_unit_test(is_claimed_by_its_code_once),
                cmocka_unit_test(a_claim_code_has_its_time),
                cmocka_unit_test(an_agent_that_enlists_its_machine_is_up),
                cmocka_unit_test(deploys_only_to_roots_that_are_served),
                cmocka_unit_test(refuses_what_cannot_be_trusted),
                cmocka_unit_test(a_seed_of_ours_has_no_secret),
                cmocka_unit_test(a_disk_that_would_not_start_is_not_written),
                cmocka_unit_test(a_volume_is_not_in_the_place_of_the_system),
                cmocka_unit_test(brings_up_a_root),
                cmocka_unit_test(tries_a_new_revision),
                cmocka_unit_test(a_trial_waits_for_the_hand_that_boots_it),
                cmocka_unit_test(tries_a_root_that_is_kept_here),
                cmocka_unit_test(a_root_that_is_kept_here_has_one_of_two_names),
                cmocka_unit_test(a_volume_on_a_disk_is_made_once),
                cmocka_unit_test(a_consent_counts_for_one_order),
                cmocka_unit_test(only_a_volume_that_was_made_is_missed),
                cmocka_unit_test(a_disk_with_data_is_erased_kept_or_gone),
                cmocka_unit_test(a_volume_on_a_disk_outlives_what_goes_wrong),
                cmocka_unit_test(takes_in_only_so_many_strangers),
                cmocka_unit_test(does_nothing_to_what_is_locked),
                cmocka_unit_test(stops_when_it_is_told_to),
                cmocka_unit_test(writes_the_lines_for_config_txt_that_it_would_serve),
                cmocka_unit_test(boots_anew_what_is_being_switched_off),
                cmocka_unit_test(blinks_while_it_waits),
                cmocka_unit_test(is_faster_than_its_switch),
                cmocka_unit_test(boots_anew_what_was_only_written),
                cmocka_unit_test(boots_anew_what_somebody_switched_off),
                cmocka_unit_test(survives_a_restart_at_any_point),
                cmocka_unit_test(never_begins_a_power_cycle_twice),
                cmocka_unit_test(forgets_who_was_deleted),
                cmocka_unit_test(shows_how_far_it_is),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
