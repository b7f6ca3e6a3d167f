/* Values as operators write them: what each type of key takes, and how an address is read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/power/keys.h"
#include "core/power/params.h"

static const struct {
        const char *text;
        const char *host; /* NULL: refused */
        uint16_t port;
} addresses[] = {
        { "10.0.0.2", "10.0.0.2", 0 },
        { "10.0.0.2:8080", "10.0.0.2", 8080 },
        { "switch-7.lan", "switch-7.lan", 0 },
        { "switch_7:161", "switch_7", 161 },
        { "fd77::1", "fd77::1", 0 }, /* nothing but an address, so it needs no brackets */
        { "[fd77::1]", "fd77::1", 0 },
        { "[fd77::1]:161", "fd77::1", 161 },
        { "", NULL, 0 },
        { ":80", NULL, 0 },
        { "host:", NULL, 0 },
        { "host:0", NULL, 0 },
        { "host:65536", NULL, 0 },
        { "host:080", NULL, 0 },
        { "host:8x", NULL, 0 },
        { "[fd77::1", NULL, 0 },
        { "[fd77::1]8", NULL, 0 },
        { "[host]:80", NULL, 0 },
        { "-host", NULL, 0 }, /* a word of a command line */
        { "a b", NULL, 0 },
        { "a/b", NULL, 0 },
        { "me@host", NULL, 0 },
        { "node[1-3]", NULL, 0 }, /* FreeIPMI would take it for three */
};

static void reads_addresses(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
                struct power_address a = {};
                const int r = power_address_parse(addresses[i].text, &a);
                if (r != (addresses[i].host ? 0 : -EINVAL))
                        fail_msg("%s: %d", addresses[i].text, r);
                if (r == 0 && (strcmp(a.host, addresses[i].host) != 0 || a.port != addresses[i].port))
                        fail_msg("%s: \"%s\" and %u", addresses[i].text, a.host, a.port);
        }
}

static const struct {
        enum power_key_type type;
        const char *value;
        const char *complaint; /* a part of the sentence; NULL: taken */
} values[] = {
        { POWER_TEXT, "pass word", NULL },
        { POWER_TEXT, "", "key is a text" },
        { POWER_TEXT, "two\nlines",
          "one line" }, /* would be a statement of its own in a configuration file */
        { POWER_TEXT, "bell\a", "one line" },
        { POWER_HOST, "10.0.0.2:80", NULL },
        { POWER_HOST, "10.0.0.2/24", "a host or address" },
        { POWER_NUMBER, "5", NULL },
        { POWER_NUMBER, "9", NULL },
        { POWER_NUMBER, "4", "a number from 5 to 9" },
        { POWER_NUMBER, "10", "a number from 5 to 9" },
        { POWER_NUMBER, "5s", "a number from 5 to 9" },
        { POWER_CHOICE, "hard", NULL },
        { POWER_CHOICE, "soft", NULL },
        { POWER_CHOICE, "", "one of hard|soft" },
        { POWER_CHOICE, "har", "one of hard|soft" },
        { POWER_CHOICE, "hard|soft", "one of hard|soft" },
        { POWER_BOOL, "true", NULL },
        { POWER_BOOL, "yes", "true or false" },
        { POWER_URL, "http://10.0.0.2/on?x=1", NULL },
        { POWER_URL, "https://host.lan:8443", NULL },
        { POWER_URL, "https://[fd77::1]:8443/x", NULL },
        { POWER_URL, "ftp://host/x", "a URL" },
        { POWER_URL, "host/x", "a URL" },
        { POWER_URL, "http://", "a URL" },
        { POWER_URL, "http://me:secret@host/x", "without a user in it" },
        { POWER_URL, "http://host/a b", "a URL" },
        { POWER_MAC, "dc:a6:32:01:02:03", NULL },
        { POWER_MAC, "dc:a6:32", "a MAC" },
        { POWER_REGEX, "status.*\\:.*running", NULL }, /* MAAS' default */
        { POWER_REGEX, "(?i)\\bon\\b", NULL },
        { POWER_REGEX, "(", "a regular expression" },
        { POWER_REGEX, "", "a regular expression" },
        { POWER_PROGRAM, "uhubctl.py", NULL },
        { POWER_PROGRAM, "../sh", "without a path" },
        { POWER_PROGRAM, "/bin/sh", "without a path" },
        { POWER_PROGRAM, "..", "without a path" },
        { POWER_PROGRAM, "-v", "without a path" },
};

static void checks_values(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(values); i++) {
                const struct power_key key = {
                        .name = "key", .type = values[i].type, .choices = "hard|soft", .least = 5, .most = 9
                };
                struct error err = {};
                const int r = power_key_check(&key, values[i].value, &err);
                if (r != (values[i].complaint ? -EINVAL : 0))
                        fail_msg("%s: %d \"%s\"", values[i].value, r, err.text);
                if (values[i].complaint && !strstr(err.text, values[i].complaint))
                        fail_msg("%s: says \"%s\"", values[i].value, err.text);
        }
}

static void a_value_has_a_longest_form(void **state) {
        const struct power_key key = { .name = "key", .type = POWER_TEXT };
        char value[POWER_VALUE_MAX + 2];

        (void)state;
        memset(value, 'a', sizeof(value) - 1);
        value[sizeof(value) - 1] = 0;
        assert_int_equal(power_key_check(&key, value, NULL), -EINVAL);
        value[sizeof(value) - 2] = 0;
        assert_int_equal(power_key_check(&key, value, NULL), 0);
}

/* What stands in the rows of the drivers themselves. */
static void rows_are_whole(void **state) {
        (void)state;
        for (size_t i = 0; power_drivers[i]; i++) {
                const struct power_driver *d = power_drivers[i];
                assert_ptr_equal(power_driver_by_name(d->name), d);
                assert_true(!d->can == !d->act);
                if (d->peer_key)
                        assert_non_null(power_key_find(d, d->peer_key));
                assert_true(!d->peer_key == !d->peer);
                if (d->outlet_key)
                        assert_non_null(power_key_find(d, d->outlet_key));
                for (const struct power_key *key = d->keys; key->name; key++) {
                        struct error err = {};
                        assert_ptr_equal(power_key_find(d, key->name), key);
                        if (key->fallback && power_key_check(key, key->fallback, &err) < 0)
                                fail_msg("%s: its default: %s", d->name, err.text);
                        if (key->fallback && (key->is_required || key->is_secret))
                                fail_msg("%s: %s has a default that is never used, or that is a secret",
                                         d->name, key->name);
                        if (!key->help || key->help[strlen(key->help) - 1] != '.')
                                fail_msg("%s: %s has no sentence", d->name, key->name);
                }
        }
        assert_null(power_driver_by_name("poweroff"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_addresses),
                cmocka_unit_test(checks_values),
                cmocka_unit_test(a_value_has_a_longest_form),
                cmocka_unit_test(rows_are_whole),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
