/* What devices and programs answer, as they were seen to, and as nobody should. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/power/answer.h"
#include "core/power/regex.h"

#define SYSTEM(more) "{\"PowerState\": \"On\"" more "}"
#define RESET(target) SYSTEM(", \"Actions\": {\"#ComputerSystem.Reset\": {\"target\": \"" target "\"}}")

static int ipmi(const char *text, enum power_state *ret, struct error *err) {
        return ipmi_answer_parse(text, strlen(text), ret, err);
}

static int tasmota1(const char *text, enum power_state *ret, struct error *err) {
        return tasmota_answer_parse(text, strlen(text), 1, ret, err);
}

static int tasmota2(const char *text, enum power_state *ret, struct error *err) {
        return tasmota_answer_parse(text, strlen(text), 2, ret, err);
}

static int shelly1(const char *text, enum power_state *ret, struct error *err) {
        return shelly_answer_parse(text, strlen(text), 1, ret, err);
}

static int shelly2(const char *text, enum power_state *ret, struct error *err) {
        return shelly_answer_parse(text, strlen(text), 2, ret, err);
}

static int webhook(const char *text, enum power_state *ret, struct error *err) {
        return webhook_answer_parse(text, strlen(text), "status.*\\:.*running", "status.*\\:.*stopped", ret,
                                    err);
}

static int redfish(const char *text, enum power_state *ret, struct error *err) {
        struct redfish_system s = {};
        const int r = redfish_system_parse(text, strlen(text), &s, err);
        *ret = s.state;
        return r;
}

static const struct {
        int (*parse)(const char *text, enum power_state *ret, struct error *err);
        const char *text;
        int result;
        enum power_state state;
        const char *sentence; /* a part of it; NULL: none, or of no interest */
} rows[] = {
        { ipmi, "10.0.0.5: on\n", 0, POWER_ON, NULL },
        { ipmi, "10.0.0.5: off\n", 0, POWER_OFF, NULL },
        { ipmi, "10.0.0.5: ok\n", 0, POWER_UNKNOWN, NULL },
        { ipmi, "fd77::1: on", 0, POWER_ON, NULL },
        { ipmi, "10.0.0.5: password invalid\n", -EACCES, 0, "wrong password" },
        { ipmi, "10.0.0.5: password verification timeout\n", -EACCES, 0, "wrong password" },
        { ipmi, "10.0.0.5: privilege level cannot be obtained for this user\n", -EACCES, 0, "workarounds" },
        { ipmi, "10.0.0.5: connection timeout\n", -ETIMEDOUT, 0, "no answer" },
        { ipmi, "10.0.0.5: BMC busy\n", -EAGAIN, 0, "busy" },
        { ipmi, "10.0.0.5: BMC error\n", -EREMOTEIO, 0, NULL },
        { ipmi, "ipmi-config: username invalid\n", -EACCES, 0, "does not know this user" },
        { ipmi, "10.0.0.5: on fire\n", -EBADMSG, 0, "FreeIPMI says \"on fire\"" }, /* begins as "on" does */
        { ipmi, "Config File Error: too many arguments\n", -EBADMSG, 0, "too many arguments" },
        { ipmi, "", -EBADMSG, 0, "it is empty" },
        { ipmi, "Segmentation fault\n", -EBADMSG, 0, "makes no sense" },

        { tasmota1, "{\"POWER\":\"ON\"}", 0, POWER_ON,
          NULL }, /* a device with one outlet gives it no number */
        { tasmota1, "{\"POWER1\":\"OFF\",\"POWER2\":\"ON\"}", 0, POWER_OFF, NULL },
        { tasmota2, "{\"POWER2\":\"ON\"}", 0, POWER_ON, NULL },
        { tasmota2, "{\"POWER\":\"ON\"}", -EBADMSG, 0, "not one of Tasmota's" },
        { tasmota2, "{\"Command\":\"Unknown\"}", -ENOENT, 0, "no outlet 2" },
        { tasmota1, "{\"WARNING\":\"Need user=<username>&password=<password>\"}", -EACCES, 0,
          "wrong user or password" },
        { tasmota1, "{\"POWER\":true}", -EBADMSG, 0, NULL },
        { tasmota1, "{\"POWER\":\"TOGGLE\"}", -EBADMSG, 0, NULL },
        { tasmota1, "<html>", -EBADMSG, 0, NULL },
        { tasmota1, "", -EBADMSG, 0, NULL },

        { shelly1, "{\"ison\":true,\"has_timer\":false}", 0, POWER_ON, NULL },
        { shelly1, "{\"ison\":false}", 0, POWER_OFF, NULL },
        { shelly1, "{\"output\":true}", -EBADMSG, 0, NULL },
        { shelly2, "{\"id\":0,\"output\":true}", 0, POWER_ON, NULL },
        { shelly2, "{\"output\":false}", 0, POWER_OFF, NULL },
        { shelly2, "{\"was_on\":true}", 0, POWER_UNKNOWN, NULL }, /* what was, not what is */
        { shelly2, "{\"output\":\"on\"}", -EBADMSG, 0, NULL },
        { shelly2, "[]", -EBADMSG, 0, NULL },

        { webhook, "{\"status\": \"running\"}", 0, POWER_ON, NULL },
        { webhook, "{\"status\": \"stopped\"}", 0, POWER_OFF, NULL },
        { webhook, "{\"status\": \"starting\"}", 0, POWER_UNKNOWN, NULL },
        { webhook, "{\"status\":\n\"running\"}", 0, POWER_UNKNOWN,
          NULL }, /* "." is no newline, in MAAS neither */
        { webhook, "", 0, POWER_UNKNOWN, NULL },

        { redfish, SYSTEM(""), 0, POWER_ON, NULL },
        { redfish, "{\"PowerState\": \"Off\"}", 0, POWER_OFF, NULL },
        { redfish, "{\"PowerState\": \"PoweringOn\"}", 0, POWER_UNKNOWN, NULL },
        { redfish, "{\"PowerState\": null}", -EBADMSG, 0, "not one of a Redfish service" },
        { redfish, "{}", -EBADMSG, 0, NULL },
        { redfish, "[[[[", -EBADMSG, 0, NULL },
        { redfish, RESET("/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"), 0, POWER_ON, NULL },
        { redfish, RESET("http://evil/redfish/"), -EBADMSG, 0,
          NULL }, /* paths are followed with a password */
        { redfish, RESET("@evil/redfish/"), -EBADMSG, 0, NULL },
        { redfish, RESET("//evil/redfish/"), -EBADMSG, 0, NULL },
        { redfish, RESET("/redfish/a b"), -EBADMSG, 0, NULL },
        { redfish, RESET("/redfish/\\r\\nX: y"), -EBADMSG, 0, NULL },
        { redfish, SYSTEM(", \"Actions\": {\"#ComputerSystem.Reset\": {\"target\": 7}}"), -EBADMSG, 0, NULL },
        { redfish, SYSTEM(", \"Actions\": 7, \"Boot\": [], \"@odata.etag\": 3"), 0, POWER_ON, NULL },
};

static void reads_what_they_say(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                enum power_state got = POWER_UNKNOWN;
                struct error err = {};
                const int r = rows[i].parse(rows[i].text, &got, &err);
                if (r != rows[i].result || (r == 0 && got != rows[i].state))
                        fail_msg("%s: %d, %s, \"%s\"", rows[i].text, r, power_state_name(got), err.text);
                if (rows[i].sentence && !strstr(err.text, rows[i].sentence))
                        fail_msg("%s: says \"%s\"", rows[i].text, err.text);
                if (r < 0 && !*err.text)
                        fail_msg("%s: fails without a word", rows[i].text);
        }
}

static void reads_a_system(void **state) {
        static const char text[] = SYSTEM(
                ", \"@odata.etag\": \"W/\\\"1\\\"\", \"Actions\": {\"#ComputerSystem.Reset\": {\"target\": "
                "\"/redfish/v1/S/1/Reset\", \"ResetType@Redfish.AllowableValues\": [\"On\", 7, \"\", "
                "\"ForceOff\"]}}, "
                "\"Boot\": {\"BootSourceOverrideTarget@Redfish.AllowableValues\": [\"Pxe\"]}");
        struct redfish_system s;

        (void)state;
        assert_int_equal(redfish_system_parse(text, strlen(text), &s, NULL), 0);
        assert_string_equal(s.reset_path, "/redfish/v1/S/1/Reset");
        assert_string_equal(s.resets, ",On,ForceOff,");
        assert_string_equal(s.targets, ",Pxe,");
        assert_string_equal(s.etag, "W/\"1\"");
}

static const struct {
        const char *text, *id;
        const char *path;     /* NULL: refused */
        const char *sentence; /* a part of it */
} lists[] = {
        { "{\"Members\": [{\"@odata.id\": \"/redfish/v1/Systems/1\"}]}", NULL, "/redfish/v1/Systems/1",
          NULL },
        { "{\"Members\": [{\"@odata.id\": \"/redfish/v1/Systems/1/\"}]}", "1", "/redfish/v1/Systems/1/",
          NULL },
        { "{\"Members\": [{\"@odata.id\": \"/redfish/v1/Systems/a\"}, {\"@odata.id\": "
          "\"/redfish/v1/Systems/b\"}]}",
          "b", "/redfish/v1/Systems/b", NULL },
        { "{\"Members\": [{\"@odata.id\": \"/redfish/v1/Systems/a\"}, {\"@odata.id\": "
          "\"/redfish/v1/Systems/b\"}]}",
          NULL, NULL, "set node_id to one of a, b" },
        { "{\"Members\": [{\"@odata.id\": \"/redfish/v1/Systems/aa\"}]}", "a", NULL,
          "no system a; there are: aa" },
        { "{\"Members\": []}", NULL, NULL, "not one of a Redfish service" },
        { "{\"Members\": [7]}", NULL, NULL, "not one of a Redfish service" },
        { "{\"Members\": [{\"@odata.id\": \"https://evil/redfish/v1/Systems/1\"}]}", NULL, NULL,
          "not one of" },
        { "no", NULL, NULL, "not one of a Redfish service" },
};

static void finds_a_system(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
                char path[REDFISH_PATH_MAX] = "";
                struct error err = {};
                const int r =
                        redfish_member_parse(lists[i].text, strlen(lists[i].text), lists[i].id, path, &err);
                if ((r == 0) != !!lists[i].path)
                        fail_msg("%s: %d \"%s\"", lists[i].text, r, err.text);
                if (lists[i].path)
                        assert_string_equal(path, lists[i].path);
                else if (!strstr(err.text, lists[i].sentence))
                        fail_msg("%s: says \"%s\"", lists[i].text, err.text);
        }
}

static void says_the_reason(void **state) {
        static const struct {
                const char *text, *reason;
        } reasons[] = {
                { "{\"error\": {\"message\": \"See below\", \"@Message.ExtendedInfo\": [{\"Message\": \"No "
                  "licence.\"}]}}",
                  "No licence." },
                { "{\"error\": {\"message\": \"Busy\\u001b[31m\\nnow\"}}", "Busy?[31m now" },
                { "{\"error\": 7}", "" },
                { "", "" },
        };
        char buf[64];

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
                redfish_reason(reasons[i].text, strlen(reasons[i].text), buf, sizeof(buf));
                assert_string_equal(buf, reasons[i].reason);
        }
}

static void knows_generations(void **state) {
        static const struct {
                const char *text;
                int generation;
        } all[] = { { "{\"type\":\"SHPLG-S\",\"auth\":true}", 1 },
                    { "{\"id\":\"x\",\"gen\":2}", 2 },
                    { "{\"id\":\"x\",\"gen\":4,\"type\":\"x\"}", 2 },
                    { "{\"gen\":1}", -EBADMSG },
                    { "{}", -EBADMSG },
                    { "nginx", -EBADMSG } };

        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(all); i++)
                assert_int_equal(shelly_generation_parse(all[i].text, strlen(all[i].text), NULL),
                                 all[i].generation);
}

static void an_expression_has_an_end(void **state) {
        char text[400];

        (void)state;
        memset(text, 'a', sizeof(text));
        text[sizeof(text) - 1] = '!';
        assert_int_equal(power_regex_find("(a|aa)+$", text, sizeof(text)), -E2BIG);
        assert_int_equal(power_regex_find("a!", text, sizeof(text)), POWER_MATCH);
        assert_int_equal(power_regex_find("b", text, sizeof(text)), POWER_NO_MATCH);
        assert_int_equal(power_regex_find("[", text, sizeof(text)), -EINVAL);
        assert_int_equal(power_regex_find("x.*", "", 0), POWER_NO_MATCH);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_what_they_say), cmocka_unit_test(reads_a_system),
                cmocka_unit_test(finds_a_system),      cmocka_unit_test(says_the_reason),
                cmocka_unit_test(knows_generations),   cmocka_unit_test(an_expression_has_an_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
