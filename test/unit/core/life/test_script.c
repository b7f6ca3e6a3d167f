/* Scripts: read as operators hand them in, meant by name or tag, given their parameters, put into a task. */
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

#include "core/life/job.h"
#include "core/life/script.h"
#include "core/life/script_read.h"

#define START "#!/bin/sh\n# --- Start MAAS 1.0 script metadata ---\n"
#define END "# --- End MAAS 1.0 script metadata ---\necho hello\n"

/* ---- reading ---- */

static void reads_all_that_maas_scripts_say(void **state) {
        static const char text[] = START "# name: 50-burn-in\n"
                                         "# title: Burn it in\n"
                                         "# description: As long as it takes.\n"
                                         "# script_type: commissioning\n"
                                         "# hardware_type: cpu\n"
                                         "# parallel: any\n"
                                         "# timeout: 00:10:00\n"
                                         "# destructive: true\n"
                                         "# may_reboot: true\n"
                                         "# recommission: false\n"
                                         "# tags: burn-in, noauto\n"
                                         "# for_hardware: [modalias:pci*]\n"
                                         "# packages: {apt: [stress-ng]}\n"
                                         "# parameters:\n"
                                         "#   storage: {type: storage}\n"
                                         "#   rounds: {type: string, default: '3'}\n"
                                         "# flavour: none\n" END;
        struct script *s = NULL;
        struct error error = {};
        (void)state;

        if (script_read("ignored.sh", text, strlen(text), &s, &error) < 0)
                fail_msg("%s", error.text);
        assert_string_equal(s->name, "50-burn-in");
        assert_string_equal(s->title, "Burn it in");
        assert_string_equal(s->description, "As long as it takes.");
        assert_int_equal(s->type, SCRIPT_COMMISSIONING);
        assert_int_equal(s->timeout_s, 600);
        assert_true(s->is_destructive && script_has_tag(s, "burn-in") && script_has_tag(s, "noauto"));
        assert_false(script_has_tag(s, "burn") || script_has_tag(s, "burn-in noauto") ||
                     script_has_tag(s, ""));
        assert_string_equal(s->parameters, "storage rounds");
        assert_int_equal(s->body_len, strlen(text));
        assert_string_equal(
                s->notes,
                "parallel: scripts run one after another\n"
                "may_reboot: a machine that reboots by itself begins anew, and the script with it\n"
                "packages: nothing is installed: the script has the agent's busybox, and what it brings\n"
                "flavour: not known, left out");
        script_drop(s);
}

static void a_script_without_metadata_is_a_test(void **state) {
        struct script *s = NULL;
        (void)state;

        assert_int_equal(script_read("/home/zoe/quick.sh", "#!/bin/sh\n\0x", 12, &s, NULL), 0);
        assert_string_equal(s->name, "quick.sh");
        assert_true(s->type == SCRIPT_TESTING && s->timeout_s == 0 && !s->notes && s->body_len == 12);
        script_drop(s);
}

static void says_what_is_wrong_and_where(void **state) {
        static const struct {
                const char *remark, *file, *text, *says;
        } rows[] = {
                { "empty", "a", "", "it is empty" },
                { "no YAML", "a", START "# a: 1\n# b: c: d\n" END, "line 4: its metadata is no YAML" },
                { "no end", "a", START "# a: 1\n", "line 2: its metadata is no YAML" },
                { "a release script", "a", START "# name: x\n# script_type: release\n" END,
                  "line 4: script_type: commissioning or testing" },
                { "MAAS' number of it", "a", START "# script_type: 3\n" END, "line 3: script_type" },
                { "a time that is none", "a", START "# timeout: soon\n" END, "line 3: timeout: seconds" },
                { "more than a week", "a", START "# timeout: 604801\n" END, "line 3: timeout: seconds" },
                { "a name with a slash", "a", START "# name: a/b\n" END, "line 3: name: letters" },
                { "a name that is ours", "a", START "# name: memory\n" END, "choose another name" },
                { "no name at all", NULL, START "# title: x\n" END, "can be none" },
                { "a file that can give none", "my script", "#!/bin/sh\n", "\"my script\" can be none" },
                { "tags as a number", "a", START "# tags: 5\n" END, "line 3: tags: a list" },
                { "a tag of two words", "a", START "# tags: ['a b']\n" END, "line 3: tags: a list" },
                { "parameters as a list", "a", START "#\n# parameters: [a]\n" END,
                  "line 4: parameters: each" },
                { "a parameter without type", "a", START "# parameters: {a: {}}\n" END,
                  "line 3: parameters: each" },
                { "hardware that nobody knows", "a", START "# for_hardware: [pci:1af4:1000, disk:sda]\n" END,
                  "line 3: for_hardware: modalias:" },
                { "hardware as a number", "a", START "# for_hardware: 5\n" END, "line 3: for_hardware" },
                { "a doubtful truth", "a", START "# destructive: perhaps\n" END,
                  "line 3: destructive: true or false" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct error error = {};
                struct script *s = NULL;
                if (script_read(rows[i].file, rows[i].text, strlen(rows[i].text), &s, &error) != -EINVAL)
                        fail_msg("%s: taken", rows[i].remark);
                if (!strstr(error.text, rows[i].says))
                        fail_msg("%s: %s", rows[i].remark, error.text);
        }
}

/* ---- a site with scripts ---- */

static struct site *with(struct site *site, const char *text) {
        struct script *s = NULL;
        struct error error = {};
        if (script_read(NULL, text, strlen(text), &s, &error) < 0)
                fail_msg("%s", error.text);
        struct site *next = site_put_script(site, s, &error);
        assert_non_null(next);
        site_drop(site);
        script_drop(s);
        return next;
}

static struct site *with_image(struct site *site, const char *name, uint8_t first, uint64_t size) {
        struct image *i = image_new();
        (void)snprintf(i->name, sizeof(i->name), "%s", name);
        i->version = 1;
        i->n_files = 2;
        i->files = calloc(2, sizeof(*i->files));
        i->files[0] = (struct image_file){ .path = strdup("a"), .size = 10 };
        i->files[1] = (struct image_file){ .path = strdup("b"), .size = size, .blob = { { first } } };
        assert_int_equal(image_index(i), 0);
        struct site *next = site_put_image(site, i, NULL);
        site_drop(site);
        image_drop(i);
        return next;
}

static struct site *a_site(void) {
        struct site *s = site_empty();
        s = with(s, START "# name: disks\n# tags: [long]\n# parameters: {storage: {type: storage}, rounds: "
                          "{type: string}}\n" END);
        s = with(s, START "# name: always\n# script_type: commissioning\n# timeout: 7\n" END);
        s = with(s, START "# name: seldom\n# script_type: commissioning\n# tags: [noauto, long]\n" END);
        return s;
}

/* "name name": what a task has for a wish. */
static void names_of(const json_t *list, char *buf, size_t size) {
        const json_t *item;
        size_t i;

        buf[0] = 0;
        json_array_foreach(list, i, item) {
                size_t len = strlen(buf);
                (void)snprintf(buf + len, size - len, "%s%s", i ? " " : "",
                               json_string_value(json_object_get(item, "name")));
        }
}

#define BUILTIN "memory storage network temperature throttling"

static void runs_what_is_meant(void **state) {
        static const struct {
                const char *remark, *scripts, *list, *says;
                bool is_commission;
        } rows[] = {
                { "what is usual", "null", BUILTIN, NULL, false },
                { "with a commission", "null", BUILTIN " always", NULL, true },
                { "none", "[]", "", NULL, true },
                { "by name", "[\"disks\", \"memory\"]", "disks memory", NULL, false },
                { "by tag", "[\"long\"]", "disks seldom", NULL, false },
                { "both, and each once", "[\"seldom\", \"long\", \"seldom\"]", "seldom disks", NULL, false },
                { "one's own besides", "[\"disks\", {\"name\": \"mine\", \"body_base64\": \"Zg==\"}]",
                  "disks mine", NULL, false },
                { "a slip", "[\"memroy\"]", NULL, "\"memory\" is probably meant", false },
                { "a slip in a stored one", "[\"diks\"]", NULL, "\"disks\" is probably meant", false },
                { "nothing like it", "[\"levitation\"]", NULL, "no script or tag \"levitation\"", false },
        };
        struct site *site = a_site();
        struct machine *m = machine_new();
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(json_decref_at) json_t *scripts = json_loads(rows[i].scripts, JSON_DECODE_ANY, NULL);
                const struct script_wish w = {
                        .site = site, .machine = m, .scripts = scripts, .is_commission = rows[i].is_commission
                };
                struct error error = {};
                char names[400];
                int r = script_wish_check(&w, &error);
                if (rows[i].says) {
                        if (r != -EINVAL || !strstr(error.text, rows[i].says))
                                fail_msg("%s: %s", rows[i].remark, error.text);
                        continue;
                }
                CLEANUP(json_decref_at) json_t *list = script_list(&w);
                names_of(list, names, sizeof(names));
                if (r < 0 || strcmp(names, rows[i].list) != 0)
                        fail_msg("%s: %s%s", rows[i].remark, names, error.text);
        }
        machine_drop(m);
        site_drop(site);
}

static void gives_parameters_to_those_who_take_them(void **state) {
        struct site *site = a_site();
        struct machine *m = machine_new();
        struct error error = {};
        (void)state;

        CLEANUP(json_decref_at) json_t *scripts = json_loads("[\"memory\", \"disks\", \"always\"]", 0, NULL);
        CLEANUP(json_decref_at)
        json_t *parameters = json_loads("{\"percent\": \"40\", \"rounds\": \"5\"}", 0, NULL);
        struct script_wish w = { .site = site, .machine = m, .scripts = scripts, .parameters = parameters };
        assert_int_equal(script_wish_check(&w, &error), 0);
        CLEANUP(json_decref_at) json_t *list = script_list(&w);
        json_t *memory = json_array_get(list, 0), *disks = json_array_get(list, 1),
               *always = json_array_get(list, 2);
        assert_int_equal(
                json_integer_value(json_object_get(json_object_get(memory, "parameters"), "percent")), 40);
        assert_int_equal(json_object_size(json_object_get(memory, "parameters")), 1);
        assert_string_equal(
                json_string_value(json_object_get(json_object_get(disks, "parameters"), "rounds")), "5");
        assert_int_equal(json_object_size(json_object_get(always, "parameters")), 0);
        assert_int_equal(json_integer_value(json_object_get(always, "timeout_s")), 7);
        assert_non_null(json_string_value(json_object_get(always, "body_base64")));

        (void)json_object_set_new(parameters, "colour", json_string("red"));
        assert_int_equal(script_wish_check(&w, &error), -EINVAL);
        assert_non_null(strstr(error.text, "none of these scripts takes a parameter \"colour\""));
        machine_drop(m);
        site_drop(site);
}

static void the_network_is_tried_with_what_the_agent_may_fetch(void **state) {
        struct site *site = with_image(with_image(a_site(), "agent-arm64", 0xa1, 500), "card", 0xca, 9000);
        struct machine *m = machine_new();
        CLEANUP(json_decref_at) json_t *scripts = json_loads("[\"network\"]", 0, NULL);
        const struct script_wish w = { .site = site, .machine = m, .scripts = scripts };
        (void)state;

        for (int is_deployed = 0; is_deployed <= 1; is_deployed++) {
                if (is_deployed)
                        (void)snprintf(m->image, sizeof(m->image), "card@1");
                CLEANUP(json_decref_at) json_t *list = script_list(&w);
                const json_t *parameters = json_object_get(json_array_get(list, 0), "parameters");
                const char *path = json_string_value(json_object_get(parameters, "path"));
                assert_non_null(path);
                assert_memory_equal(path, is_deployed ? "blob/ca00" : "blob/a100", 9);
                assert_int_equal(strlen(path), 5 + 64);
        }
        machine_drop(m);
        site_drop(site);
}

static void values_are_lines_or_numbers(void **state) {
        static const struct {
                const char *json;
                bool is_right;
        } rows[] = {
                { "{}", true },
                { "{\"a\": \"b\"}", true },
                { "{\"a\": 5}", true },
                { "[]", false },
                { "{\"a\": []}", false },
                { "{\"a\": \"b\\nc\"}", false },
                { "{\"a\": null}", false },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(json_decref_at) json_t *value = json_loads(rows[i].json, JSON_DECODE_ANY, NULL);
                if ((script_check_parameters(value, NULL) == 0) != rows[i].is_right)
                        fail_msg("%s", rows[i].json);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_all_that_maas_scripts_say),
                cmocka_unit_test(a_script_without_metadata_is_a_test),
                cmocka_unit_test(says_what_is_wrong_and_where),
                cmocka_unit_test(runs_what_is_meant),
                cmocka_unit_test(gives_parameters_to_those_who_take_them),
                cmocka_unit_test(the_network_is_tried_with_what_the_agent_may_fetch),
                cmocka_unit_test(values_are_lines_or_numbers),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
