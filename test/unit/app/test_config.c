/* brambled.yaml: what is taken, and the one sentence, with its line, for what is not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/brambled/config.h"
#include "base/text.h"

static struct config *parsed(const char *yaml) {
        struct config *c = NULL;
        struct error err = {};

        if (config_parse(yaml, strlen(yaml), "brambled.yaml", &c, &err) < 0)
                fail_msg("refused: %s", err.text);
        return c;
}

static void defaults_stand_in_for_what_is_not_said(void **state) {
        static const char *const nothing[] = { "", "# only a comment\n", "{}\n", "---\n...\n" };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
                CLEANUP(config_free_at) struct config *c = parsed(nothing[i]);
                assert_string_equal(c->role, "all");
                assert_string_equal(c->state_dir, "/var/lib/bramble");
                assert_string_equal(config_database_path(c), "/var/lib/bramble/bramble.db");
                assert_string_equal(c->api_socket, "/run/bramble/api.sock");
                assert_int_equal(c->boot_http_port, 5248);
                assert_int_equal(c->tftp_workers, 0);
                assert_int_equal(c->n_interfaces, 0);
        }
}

static void the_documented_file_is_read(void **state) {
        (void)state;
        CLEANUP(config_free_at)
        struct config *c = parsed("role: all\n"
                                  "state_dir: /srv/bramble\n"
                                  "database: sqlite:/srv/db/bramble.db      # default: in state_dir\n"
                                  "api: { socket: /run/b/api.sock }\n"
                                  "boot_http: { port: 8080 }\n"
                                  "trail:\n"
                                  "  keep_days: 3\n"
                                  "interfaces: [eth1, br0.7]\n");
        assert_string_equal(c->state_dir, "/srv/bramble");
        assert_string_equal(config_database_path(c), "/srv/db/bramble.db");
        assert_string_equal(c->api_socket, "/run/b/api.sock");
        assert_int_equal(c->boot_http_port, 8080);
        assert_int_equal(c->trail_keep_days, 3);
        assert_int_equal(c->trail_disk_mib, 256);
        assert_int_equal(c->n_interfaces, 2);
        assert_string_equal(c->interfaces[1], "br0.7");
}

#define FILE_NAME "brambled.yaml"

static void faults_are_one_sentence_with_a_line(void **state) {
        static const struct {
                const char *yaml, *sentence;
        } rows[] = {
                /* unknown keys, and what was meant */
                { "role: all\n\napi:\n  socket: /a\n  lisen: x\n",
                  FILE_NAME " line 5: unknown key 'api.lisen': brambled.yaml(5) lists them all" },
                { "roll: all\n", FILE_NAME " line 1: unknown key 'roll', did you mean 'role'?" },
                { "# c\n\nboot_htp:\n  port: 80\n",
                  FILE_NAME " line 3: unknown key 'boot_htp', did you mean 'boot_http'?" },
                { "boot_http: { prot: 80 }\n",
                  FILE_NAME " line 1: unknown key 'boot_http.prot', did you mean 'boot_http.port'?" },
                { "role: all\nport: 80\n",
                  FILE_NAME " line 2: unknown key 'port', did you mean 'boot_http.port'?" },
                { "power: on\n", FILE_NAME " line 1: unknown key 'power': brambled.yaml(5) lists them all" },
                { "role: { all: 1 }\n",
                  FILE_NAME " line 1: unknown key 'role.all': brambled.yaml(5) lists them all" },
                /* keys that are refused with a reason */
                { "api:\n  socket: /a\n  listen: 0.0.0.0:5240\n",
                  FILE_NAME " line 3: api.listen: accounts do not exist yet, so the API is reachable through "
                            "its socket "
                            "only: remove the key" },
                { "\nrole: rack\n",
                  FILE_NAME " line 2: role: a region or rack of its own comes in a later step: only 'all' "
                            "is there now" },
                { "role: both\n", FILE_NAME " line 1: role: only 'all' is there now" },
                { "database: postgresql:///bramble\n",
                  FILE_NAME " line 1: database: PostgreSQL comes in a later step: sqlite:PATH is there now" },
                /* values */
                { "database: /var/lib/x.db\n",
                  FILE_NAME " line 1: database: sqlite: and an absolute path are wanted, as in "
                            "sqlite:/var/lib/bramble/bramble.db" },
                { "state_dir: var/lib\n", FILE_NAME " line 1: state_dir: an absolute path is wanted" },
                { "state_dir:\n", FILE_NAME " line 1: state_dir: an absolute path is wanted" },
                { "state_dir: \"/var\\n/lib\"\n",
                  FILE_NAME " line 1: state_dir: a text of one line is wanted" },
                { "state_dir: [/var]\n",
                  FILE_NAME " line 1: unknown key 'state_dir[0]', did you mean 'state_dir'?" },
                { "state_dir: []\n", FILE_NAME " line 1: state_dir: one text is wanted" },
                { "boot_http:\n  port: 0\n",
                  FILE_NAME " line 2: boot_http.port: a number from 1 to 65535 is wanted" },
                { "boot_http:\n  tls_host: https://boot.lan\n",
                  FILE_NAME " line 2: boot_http.tls_host: this is no name of a host" },
                { "boot_http:\n  port: 65536\n",
                  FILE_NAME " line 2: boot_http.port: a number from 1 to 65535 is wanted" },
                { "boot_http:\n  port: 99999999999\n",
                  FILE_NAME " line 2: boot_http.port: a number from 1 to 65535 is wanted" },
                { "boot_http:\n\n  port: http\n",
                  FILE_NAME " line 3: boot_http.port: a number from 1 to 65535 is wanted" },
                { "boot_http: 80\n",
                  FILE_NAME " line 1: boot_http: keys below it are wanted, as in brambled.yaml(5)" },
                { "tftp: { workers: -1 }\n",
                  FILE_NAME " line 1: tftp.workers: a number from 0 to 64 is wanted" },
                { "api: { socket: run/api.sock }\n",
                  FILE_NAME " line 1: api.socket: an absolute path is wanted" },
                { "interfaces: eth0\n",
                  FILE_NAME " line 1: interfaces: a list of at most 64 names is wanted: [eth0, eth1]" },
                { "interfaces:\n- eth0\n- a/b\n",
                  FILE_NAME " line 3: interfaces[1]: this is no name of a network interface" },
                { "interfaces: [sixteenletters16]\n",
                  FILE_NAME " line 1: interfaces[0]: this is no name of a network interface" },
                /* no YAML, or YAML that a configuration has no use for */
                { "role: all\nrole: all\n", FILE_NAME " line 2: key 'role' stands on line 1 already" },
                { "api: { socket: /a }\n\napi: { socket: /b }\n",
                  FILE_NAME " line 3: key 'api' stands on line 1 already" },
                { "role: all\n\tstate_dir: /a\n",
                  FILE_NAME " line 2: found a tab character that violates indentation" },
                { "role: \"all\n\n", FILE_NAME " line 3: found unexpected end of stream" },
                { "role: &a all\ndatabase: *a\n", FILE_NAME " line 2: aliases (*name) are not taken" },
                { "role: all\n---\nrole: all\n",
                  FILE_NAME " line 2: a second document begins here; one is taken" },
                { "{[1]: 2}\n", FILE_NAME " line 1: this is no key" },
                { "{a: {b: {c: {d: {e: {f: {g: {h: {}}}}}}}}}\n", FILE_NAME " line 1: nested too deeply" },
                { "word\n", FILE_NAME ": keys with values are wanted, as in brambled.yaml(5)" },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct config *c = NULL;
                struct error err = {};
                assert_true(config_parse(rows[i].yaml, strlen(rows[i].yaml), FILE_NAME, &c, &err) < 0);
                assert_null(c);
                assert_string_equal(err.text, rows[i].sentence);
        }
}

static void long_things_are_refused(void **state) {
        CLEANUP(text_free) struct text yaml = {}, keys = {};
        struct config *c = NULL;
        struct error err = {};

        (void)state;
        text_append(&yaml, "role: all\napi: { socket: /");
        for (int i = 0; i < 107; i++)
                text_append(&yaml, "a");
        text_append(&yaml, " }\n"); /* one octet more than a socket address takes */
        assert_true(config_parse(yaml.octets, yaml.len, FILE_NAME, &c, &err) < 0);
        assert_string_equal(err.text,
                            FILE_NAME " line 2: api.socket: a socket's path has 107 octets at most");

        text_append(&keys, "interfaces:\n");
        for (int i = 0; i < 65; i++)
                text_append(&keys, "- a\n");
        assert_true(config_parse(keys.octets, keys.len, FILE_NAME, &c, &err) < 0);
        assert_string_equal(err.text, FILE_NAME
                            " line 1: interfaces: a list of at most 64 names is wanted: [eth0, eth1]");
        assert_true(config_parse("role: a\0b", 9, FILE_NAME, &c, &err) < 0);
        assert_string_equal(err.text, FILE_NAME ": this is no text");
}

static void the_state_dir_option_moves_the_default_database(void **state) {
        static const struct {
                const char *yaml, *database;
        } rows[] = {
                { "", "/tmp/bramble.db" },
                { "state_dir: /srv/b\n", "/tmp/bramble.db" },
                { "database: sqlite:/srv/b/x.db\n", "/srv/b/x.db" }, /* the operator's own place stays */
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(config_free_at) struct config *c = parsed(rows[i].yaml);
                assert_int_equal(config_set_state_dir(c, "/tmp", NULL), 0);
                assert_string_equal(c->state_dir, "/tmp");
                assert_string_equal(config_database_path(c), rows[i].database);
        }
        CLEANUP(config_free_at) struct config *c = parsed("");
        struct error err = {};
        assert_true(config_set_state_dir(c, "no/such/place", &err) < 0);
        assert_string_equal(
                err.text,
                "--state-dir no/such/place: an absolute path, or a directory that is there, is wanted");
        assert_string_equal(c->state_dir, "/var/lib/bramble");
}

static void note_change(void *ctx, const struct config_key *key) {
        text_printf(ctx, "%s%s ", key->name, key->is_live ? "" : "!");
}

static void changes_are_named(void **state) {
        CLEANUP(config_free_at)
        struct config *before = parsed("interfaces: [a]\n"), *same = parsed("interfaces: [a]\n");
        CLEANUP(config_free_at)
        struct config *after =
                parsed("interfaces: [b]\nboot_http: { port: 80 }\ntrail: { keep_days: 2 }\nstate_dir: /x\n");
        CLEANUP(text_free) struct text named = {};

        (void)state;
        config_each_change(before, same, note_change, &named);
        assert_null(named.octets);
        config_each_change(before, after, note_change, &named);
        assert_string_equal(named.octets,
                            "state_dir! database! boot_http.port! trail.keep_days! interfaces ");
}

static void what_is_printed_is_read_again(void **state) {
        CLEANUP(config_free_at)
        struct config *c = parsed("state_dir: '/a \"b\" \\c: d'\ninterfaces: [a, b]\ntftp: { workers: 3 }\n");
        CLEANUP(free_at) char *yaml = config_print(c);
        CLEANUP(config_free_at) struct config *again = parsed(yaml);
        CLEANUP(text_free) struct text named = {};

        (void)state;
        config_each_change(c, again, note_change, &named);
        assert_null(named.octets);
}

static void every_key_has_help_and_a_default(void **state) {
        (void)state;
        for (const struct config_key *key = config_keys; key->name; key++) {
                assert_non_null(key->help);
                if (key->type == CONFIG_TEXT || key->type == CONFIG_NUMBER)
                        assert_non_null(key->fallback);
        }
}

static void files_are_found_or_named(void **state) {
        struct config *c = NULL;
        struct error err = {};

        (void)state;
        assert_true(config_load("/nonexistent/brambled.yaml", false, &c, &err) < 0);
        assert_string_equal(err.text, "cannot read /nonexistent/brambled.yaml: No such file or directory");
        assert_int_equal(config_load("/nonexistent/brambled.yaml", true, &c, &err), 0);
        config_free(c);
        c = NULL;
        assert_true(config_load("/dev/zero", false, &c, &err) < 0);
        assert_string_equal(err.text, "/dev/zero: more than 64 KiB is no configuration");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(defaults_stand_in_for_what_is_not_said),
                cmocka_unit_test(the_documented_file_is_read),
                cmocka_unit_test(faults_are_one_sentence_with_a_line),
                cmocka_unit_test(long_things_are_refused),
                cmocka_unit_test(the_state_dir_option_moves_the_default_database),
                cmocka_unit_test(changes_are_named),
                cmocka_unit_test(what_is_printed_is_read_again),
                cmocka_unit_test(every_key_has_help_and_a_default),
                cmocka_unit_test(files_are_found_or_named),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
