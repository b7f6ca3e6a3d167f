/* Parameters of machines' power: read strictly, kept, shown without what is secret. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/power/drivers.h"
#include "core/power/params.h"
#include "core/power/power_queue.h"

#define IPMI "\"address\": \"10.0.0.5\""

static const struct {
        const struct power_driver *driver;
        const char *json;
        const char *complaint; /* the sentence, or its end; NULL: taken */
} rows[] = {
        { &power_manual, NULL, NULL },
        { &power_manual, "{}", NULL },
        { &power_manual, "{\"address\": \"10.0.0.5\"}", "power driver manual: there is no key address" },
        { &power_ipmi, "{" IPMI "}", NULL },
        { &power_ipmi, "{" IPMI ", \"timeout_s\": 5, \"cipher_suite\": 17}",
          NULL }, /* numbers need no quotes */
        { &power_ipmi, "{" IPMI ", \"user\": null}", NULL },
        { &power_ipmi, "{}", "power driver ipmi: address is missing" },
        { &power_ipmi, "{\"address\": null}", "address is missing" },
        { &power_ipmi, "{\"adress\": \"10.0.0.5\"}", "there is no key adress, did you mean address?" },
        { &power_ipmi, "[]", "parameters are a JSON object, each key once" },
        { &power_ipmi, "{" IPMI "," IPMI "}", "each key once" },
        { &power_ipmi, "{", "each key once" },
        { &power_ipmi, "{" IPMI ", \"tries\": 0}", "tries is a number from 1 to 10" },
        { &power_ipmi, "{" IPMI ", \"tries\": -1}", "tries is a number from 1 to 10" },
        { &power_ipmi, "{" IPMI ", \"tries\": 1.5}", "tries is a text, a number, true or false" },
        { &power_ipmi, "{" IPMI ", \"user\": [\"a\"]}", "user is a text, a number, true or false" },
        { &power_ipmi, "{" IPMI ", \"user\": \"a\\u0000b\"}", "parameters are a JSON object" },
        { &power_ipmi, "{" IPMI ", \"user\": \"seventeen-octets-\"}", "user: IPMI takes 16 octets at most" },
        { &power_ipmi, "{" IPMI ", \"password\": \"twenty-one-octets----\"}",
          "password: IPMI takes 20 octets at most" },
        { &power_ipmi, "{" IPMI ", \"workarounds\": \"a\\\" b\"}",
          "words of ipmipower(8) with spaces between" },
        { &power_redfish, "{\"address\": \"b\", \"user\": \"u\", \"password\": \"p\", \"verify_ssl\": false}",
          NULL },
        { &power_redfish, "{\"address\": \"b\", \"user\": \"u\"}", "password is missing" },
        { &power_snmp_poe, "{\"address\": \"s\", \"community\": \"c\"}", NULL },
        { &power_snmp_poe, "{\"address\": \"s\", \"community\": \"c\", \"port\": 7}", NULL },
        { &power_snmp_poe, "{\"address\": \"s\", \"community\": \"c\", \"port\": \"1.7\"}", NULL },
        { &power_snmp_poe, "{\"address\": \"s\", \"community\": \"c\", \"port\": \"Gi7\"}",
          "group and port as in 1.7" },
        { &power_snmp_poe, "{\"address\": \"s\"}", "community is missing, which version 2c needs" },
        { &power_snmp_poe, "{\"address\": \"s\", \"version\": 3, \"community\": \"c\"}",
          "user and auth_password are missing, which version 3 needs" },
        { &power_snmp_poe,
          "{\"address\": \"s\", \"version\": 3, \"user\": \"u\", \"auth_password\": \"short\"}",
          "auth_password has 8 characters at least" },
        { &power_exec, "{\"program\": \"lever\", \"hub\": \"1-1\", \"port\": 2}",
          NULL }, /* a program has keys of its own */
        { &power_exec, "{\"program\": \"lever\", \"Hub\": \"1-1\"}", "there is no key Hub" },
        { &power_exec, "{\"program\": \"lever\", \"a b\": \"1-1\"}", "there is no key a b" },
        { &power_exec, "{\"program\": \"lever\", \"hub\": \"1\\nend\"}", "hub is one line" },
        { &power_wol, "{\"address\": \"switch.lan\"}", "switch.lan is no IPv4 address" },
        { &power_wol, "{\"interface\": \"sixteen-letters-\"}", "longer than 15 characters" },
};

static void reads_strictly(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                CLEANUP(power_params_free_at) struct power_params *p = NULL;
                struct error err = {};
                const int r = power_params_parse(rows[i].driver, rows[i].json, NULL, &p, &err);
                if (r != (rows[i].complaint ? -EINVAL : 0))
                        fail_msg("%s: %d \"%s\"", rows[i].json, r, err.text);
                if (rows[i].complaint && !strstr(err.text, rows[i].complaint))
                        fail_msg("%s: says \"%s\"", rows[i].json, err.text);
        }
}

static void too_many_are_refused(void **state) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL;
        char name[] = "a_";

        (void)state;
        assert_int_equal(power_params_parse(&power_exec, "{\"program\": \"lever\"}", NULL, &p, NULL), 0);
        for (int i = 1; i < POWER_PARAMS_MAX; i++) {
                name[1] = (char)('a' + i % 26);
                name[0] = (char)('a' + i / 26);
                assert_int_equal(power_params_set(p, name, "x", NULL), 0);
        }
        assert_int_equal(power_params_set(p, "one_more", "x", NULL), -EINVAL);
        assert_int_equal(power_params_set(p, name, "y", NULL), 0); /* no more than there were */
        assert_string_equal(power_param(p, name), "y");
}

static void values_and_defaults(void **state) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL;

        (void)state;
        assert_int_equal(
                power_params_parse(
                        &power_redfish,
                        "{\"address\": \"b:8443\", \"user\": \"u\", \"password\": \"p\", \"tries\": 7}", NULL,
                        &p, NULL),
                0);
        assert_int_equal(power_param_number(p, "tries"), 7);
        assert_int_equal(power_param_number(p, "timeout_s"), 30);
        assert_true(power_param_bool(p, "verify_ssl"));
        assert_string_equal(power_param(p, "off_mode"), "hard");
        assert_null(power_param(p, "node_id"));
        assert_null(power_param(p, "no_such_key"));
        assert_true(power_param_is_given(p, "tries"));
        assert_false(power_param_is_given(p, "timeout_s"));
}

static void shows_no_secret_and_takes_none_for_one(void **state) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL, *again = NULL;

        (void)state;
        assert_int_equal(power_params_parse(&power_ipmi,
                                            "{" IPMI ", \"password\": \"s3cret\", \"user\": \"me\"}", NULL,
                                            &p, NULL),
                         0);
        CLEANUP(free_at) char *kept = power_params_json(p, false), *shown = power_params_json(p, true);
        assert_string_equal(kept, "{\"address\":\"10.0.0.5\",\"password\":\"s3cret\",\"user\":\"me\"}");
        assert_string_equal(shown, "{\"address\":\"10.0.0.5\",\"password\":\"(hidden)\",\"user\":\"me\"}");

        /* What was shown comes back with another user: the password stays what it was. */
        assert_int_equal(power_params_parse(&power_ipmi,
                                            "{" IPMI ", \"password\": \"(hidden)\", \"user\": \"you\"}", p,
                                            &again, NULL),
                         0);
        assert_string_equal(power_param(again, "password"), "s3cret");
        assert_string_equal(power_param(again, "user"), "you");
}

static void a_hidden_secret_does_not_follow_to_another_driver(void **state) {
        CLEANUP(power_params_free_at) struct power_params *p = NULL, *other = NULL;
        struct error err = {};

        (void)state;
        assert_int_equal(
                power_params_parse(&power_ipmi, "{" IPMI ", \"password\": \"s3cret\"}", NULL, &p, NULL), 0);
        assert_int_equal(
                power_params_parse(&power_tasmota, "{" IPMI ", \"password\": \"(hidden)\"}", p, &other, &err),
                -EINVAL);
        assert_non_null(strstr(err.text, "password was never given, so it cannot stay as it is"));
}

static void names_the_peer(void **state) {
        static const struct {
                const struct power_driver *driver;
                const char *json, *controller, *peer;
        } peers[] = {
                { &power_manual, "{}", "", "" },
                { &power_wol, "{}", "", "" },
                { &power_snmp_poe, "{\"address\": \"10.0.0.2\", \"community\": \"c\", \"port\": 7}",
                  "snmp_poe 10.0.0.2", "switch 10.0.0.2 port 7" },
                { &power_snmp_poe, "{\"address\": \"10.0.0.2\", \"community\": \"c\"}", "snmp_poe 10.0.0.2",
                  "switch 10.0.0.2" },
                { &power_tasmota, "{\"address\": \"10.0.0.7\"}", "tasmota 10.0.0.7",
                  "plug 10.0.0.7 outlet 1" },
                /* no more of a URL than its host: what follows may be a secret */
                { &power_webhook,
                  "{\"on_uri\": \"http://h/on\", \"off_uri\": \"http://h/off\", \"query_uri\": "
                  "\"https://h:8443/?token=s3cret\"}",
                  "webhook https://h:8443", "server https://h:8443" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
                CLEANUP(power_params_free_at) struct power_params *p = NULL;
                char controller[POWER_CONTROLLER_SIZE], peer[200];

                assert_int_equal(power_params_parse(peers[i].driver, peers[i].json, NULL, &p, NULL), 0);
                power_controller(p, controller, sizeof(controller));
                power_peer(p, peer, sizeof(peer));
                assert_string_equal(controller, peers[i].controller);
                assert_string_equal(peer, peers[i].peer);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_strictly),
                cmocka_unit_test(too_many_are_refused),
                cmocka_unit_test(values_and_defaults),
                cmocka_unit_test(shows_no_secret_and_takes_none_for_one),
                cmocka_unit_test(a_hidden_secret_does_not_follow_to_another_driver),
                cmocka_unit_test(names_the_peer),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
