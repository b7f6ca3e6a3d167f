/* What is read of machines and subnets, what is refused and with which sentence, and how it is shown again.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api/fields.h"
#include "api/machine_json.h"
#include "api/subnet_json.h"

#define MAC "\"macs\": [\"02:00:00:00:00:01\"]"

static const struct {
        const char *remark, *in;
        const char *field;    /* NULL: it is read, or none is wrong alone */
        const char *sentence; /* a part of it; NULL: it is read */
} machines[] = {
        { "the least", "{\"name\": \"pi4\", " MAC "}", NULL, NULL },
        { "known by its serial alone", "{\"name\": \"pi4\", \"serial\": \"a1b2c3d4\"}", NULL, NULL },
        { "a serial as /proc/cpuinfo shows it", "{\"name\": \"pi4\", \"serial\": \"10000000a1b2c3d4\"}", NULL,
          NULL },
        { "null is as nothing", "{\"name\": \"pi4\", " MAC ", \"ip\": null}", NULL, NULL },
        { "no name", "{" MAC "}", "name", "the field \"name\" is missing" },
        { "null as name", "{\"name\": null, " MAC "}", "name", "missing" },
        { "nothing to know it by", "{\"name\": \"pi4\"}", NULL, "nothing tells it from others" },
        { "a field too many", "{\"name\": \"pi4\", " MAC ", \"macros\": 1}", "macros",
          "\"macs\" is probably meant" },
        { "a field like no other", "{\"name\": \"pi4\", \"q\": 1}", "q", "there is no field \"q\"" },
        { "what the server sets", "{\"name\": \"pi4\", " MAC ", \"id\": 7}", "id", "there is no field" },
        { "a number as name", "{\"name\": 7, " MAC "}", "name", "name: a text is wanted" },
        { "a name that is too long",
          "{\"name\": \"a123456789b123456789c123456789d123456789e123456789f123456789g123\", " MAC "}", "name",
          "longer than 63" },
        { "a name in capitals", "{\"name\": \"Pi4\", " MAC "}", NULL, "only a-z" },
        { "no MAC", "{\"name\": \"pi4\", \"macs\": [\"02:00\"]}", "macs", "\"02:00\" is no MAC" },
        { "one MAC, not a list", "{\"name\": \"pi4\", \"macs\": \"02:00:00:00:00:01\"}", "macs",
          "a list is wanted" },
        { "too many MACs", "{\"name\": \"pi4\", \"macs\": [1,2,3,4,5,6,7,8,9]}", "macs", "longer than 8" },
        { "a short serial", "{\"name\": \"pi4\", \"serial\": \"a1b2\"}", "serial", "8 or 16 hex digits" },
        { "no UUID", "{\"name\": \"pi4\", \"uuid\": \"4c4c4544003230108048b3c04f4e3132\"}", "uuid",
          "is no UUID" },
        { "an odd client-id", "{\"name\": \"pi4\", \"client_id\": \"abc\"}", "client_id", "in hex" },
        { "an architecture of elsewhere", "{\"name\": \"pi4\", " MAC ", \"arch\": \"aarch64\"}", "arch",
          "there are amd64" },
        { "an address of IPv6", "{\"name\": \"pi4\", " MAC ", \"ip\": \"fd77::1\"}", "ip",
          "no IPv4 address" },
        { "tags in any order", "{\"name\": \"pi4\", " MAC ", \"tags\": [\"b\", \"a.1\", \"a\", \"a\"]}", NULL,
          NULL },
        { "a tag of two words", "{\"name\": \"pi4\", " MAC ", \"tags\": [\"a b\"]}", "tags",
          "each tag is a word" },
        { "a tag that reads as an option", "{\"name\": \"pi4\", " MAC ", \"tags\": [\"-a\"]}", NULL,
          "is no tag" },
        { "a state", "{\"name\": \"pi4\", " MAC ", \"state\": \"Ready\"}", "state", "there is no field" },
        { "two lines for the kernel", "{\"name\": \"pi4\", " MAC ", \"cmdline_extra\": \"a\\nb\"}", NULL,
          "one line" },
};

static const struct {
        const char *remark, *in, *field, *sentence;
} subnets[] = {
        { "the least", "{\"net\": \"10.77.0.0/24\"}", NULL, NULL },
        { "everything",
          "{\"net\": \"10.77.0.0/24\", \"interface\": \"br0\", \"dhcp\": \"server\", \"unknown\": "
          "\"boot=rpios\","
          " \"ranges\": [{\"first\": \"10.77.0.100\", \"last\": \"10.77.0.199\"}], \"gateway\": "
          "\"10.77.0.1\","
          " \"dns\": [\"10.77.0.1\", \"9.9.9.9\"], \"ntp\": [\"10.77.0.2\"], \"domain\": \"lab.example\","
          " \"search\": [\"example\"], \"mtu\": 1500, \"routes\": [{\"net\": \"10.78.0.0/16\", \"router\": "
          "\"10.77.0.254\"}],"
          " \"lease_s\": 600, \"options\": [\"150=ip:10.77.0.9\"],"
          " \"allow\": [\"dc:a6:32:01:02:03\", \"a1b2c3d4\"], \"agent_https\": true}",
          NULL, NULL },
        { "a switch as text", "{\"net\": \"10.77.0.0/24\", \"agent_https\": \"on\"}", "agent_https",
          "true or false" },
        { "no network", "{}", "net", "missing" },
        { "host bits", "{\"net\": \"10.77.0.1/24\"}", "net", "host bits are zero" },
        { "a mode that is none", "{\"net\": \"10.77.0.0/24\", \"dhcp\": \"on\"}", "dhcp",
          "there are off, server, proxy" },
        { "boot without its image", "{\"net\": \"10.77.0.0/24\", \"unknown\": \"boot\"}", "unknown",
          "boot=IMAGE" },
        { "boot of nothing", "{\"net\": \"10.77.0.0/24\", \"unknown\": \"boot=\"}", "unknown", "boot=IMAGE" },
        { "half a range", "{\"net\": \"10.77.0.0/24\", \"ranges\": [{\"first\": \"10.77.0.5\"}]}", "ranges",
          "the field \"last\" is missing" },
        { "a range as text", "{\"net\": \"10.77.0.0/24\", \"ranges\": [\"10.77.0.5-10.77.0.9\"]}", "ranges",
          "an object with \"first\" and \"last\"" },
        { "a range elsewhere",
          "{\"net\": \"10.77.0.0/24\", \"ranges\": [{\"first\": \"10.78.0.5\", \"last\": \"10.78.0.9\"}]}",
          NULL, "10.78.0.5" },
        { "an MTU that no link has", "{\"net\": \"10.77.0.0/24\", \"mtu\": 20}", "mtu", "from 68 to 65535" },
        { "an MTU with a point", "{\"net\": \"10.77.0.0/24\", \"mtu\": 1500.0}", "mtu", "whole number" },
        { "a key that is none", "{\"net\": \"10.77.0.0/24\", \"allow\": [\"a1b2\"]}", "allow",
          "neither a MAC" },
        { "an option that is ours", "{\"net\": \"10.77.0.0/24\", \"options\": [\"53=u8:5\"]}", "options",
          "53" },
        { "a field too many", "{\"net\": \"10.77.0.0/24\", \"gatway\": \"10.77.0.1\"}", "gatway",
          "\"gateway\" is probably meant" },
};

static void check(const char *remark, int r, const char *field, const struct error *error,
                  const char *want_field, const char *want_sentence) {
        if (!want_sentence) {
                if (r < 0)
                        fail_msg("%s: %s", remark, error->text);
                return;
        }
        bool is_right = r == -EINVAL && strstr(error->text, want_sentence) &&
                        (want_field ? field && strcmp(field, want_field) == 0 : !field);
        if (!is_right)
                fail_msg("%s: got %d, %s: %s", remark, r, field ? field : "-", error->text);
}

static json_t *json_of(const char *text) {
        json_t *in = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        if (!in)
                fail_msg("this test's own JSON is wrong: %s", text);
        return in;
}

static void reads_machines(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
                CLEANUP(machine_drop_at) struct machine *m = NULL;
                struct error error = {};
                const char *field = NULL;
                json_t *in = json_of(machines[i].in);
                int r = machine_from_json(in, &m, &field, &error);
                check(machines[i].remark, r, field, &error, machines[i].field, machines[i].sentence);
                json_decref(in);
        }
}

static void reads_subnets(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(subnets); i++) {
                CLEANUP(subnet_drop_at) struct subnet *s = NULL;
                struct error error = {};
                const char *field = NULL;
                json_t *in = json_of(subnets[i].in);
                int r = subnet_from_json(in, &s, &field, &error);
                check(subnets[i].remark, r, field, &error, subnets[i].field, subnets[i].sentence);
                json_decref(in);
        }
}

/* What was read is shown as it was written; a PATCH rests on it. */
static void shows_what_it_read(void **state) {
        static const char machine[] =
                "{\"name\": \"pi4\", \"macs\": [\"dc:a6:32:01:02:03\", "
                "\"02:00:00:00:00:01\"], \"serial\": \"00b2c3d4\","
                " \"uuid\": \"4c4c4544-0032-3010-8048-b3c04f4e3132\", \"client_id\": "
                "\"01dca6\", \"arch\": \"arm64\","
                " \"board\": \"pi4b\", \"boot_order\": \"disk-first\", \"ip\": \"10.77.0.5\", \"image\": "
                "\"rpios\", "
                "\"cmdline_extra\": \"quiet\", \"config_txt_extra\": \"a=1\\n\", "
                "\"eeprom_lines\": \"A=1\\n\", \"eeprom_firmware\": \"newest\", \"netconsole\": true, "
                "\"drop_options\": true, \"as_ramdisk\": true, "
                "\"require_trusted\": false, \"boot_key\": \"lab\", \"tags\": [\"arm64\", \"lab\"], "
                "\"pool\": \"class\","
                " \"zone\": \"east\", \"owner\": \"zoe\", \"note\": \"two\\nlines\"}";
        CLEANUP(machine_drop_at) struct machine *m = NULL;
        CLEANUP(subnet_drop_at) struct subnet *s = NULL;
        const char *field = NULL;
        (void)state;

        json_t *in = json_of(machine);
        assert_int_equal(machine_from_json(in, &m, &field, NULL), 0);
        json_t *out = machine_to_json(m);
        (void)json_object_del(out, "id");
        (void)json_object_del(out, "created");
        for (const char *const *member = machine_read_only; *member; member++)
                assert_int_equal(json_object_del(out, *member), 0);
        assert_true(json_equal(in, out));
        json_decref(in);
        json_decref(out);

        in = json_of(subnets[1].in);
        assert_int_equal(subnet_from_json(in, &s, &field, NULL), 0);
        out = subnet_to_json(s);
        (void)json_object_del(out, "id");
        assert_true(json_equal(in, out));
        json_decref(in);
        json_decref(out);
}

static void shows_times(void **state) {
        static const struct {
                int64_t unix_s;
                const char *want;
        } rows[] = {
                { 0, "1970-01-01T00:00:00Z" },          { 951782399, "2000-02-28T23:59:59Z" },
                { 951782400, "2000-02-29T00:00:00Z" },  { 951868800, "2000-03-01T00:00:00Z" },
                { 1709164800, "2024-02-29T00:00:00Z" }, { 4107542400, "2100-03-01T00:00:00Z" },
                { 4107542399, "2100-02-28T23:59:59Z" }, { 1798761599, "2026-12-31T23:59:59Z" },
                { -1, "1969-12-31T23:59:59Z" },
        };
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                json_t *got = api_time(rows[i].unix_s);
                assert_string_equal(json_string_value(got), rows[i].want);
                json_decref(got);
        }
        json_t *got = api_time_ms(1709164800042);
        assert_string_equal(json_string_value(got), "2024-02-29T00:00:00.042Z");
        json_decref(got);
}

/* What a stranger sent may be any octets. */
static void shows_any_octets(void **state) {
        (void)state;
        json_t *got = api_text_or_null("a\xff\xc3\xbc");
        assert_string_equal(json_string_value(got), "a???");
        json_decref(got);
        got = api_text_or_null("Zoë");
        assert_string_equal(json_string_value(got), "Zoë");
        json_decref(got);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_machines),     cmocka_unit_test(reads_subnets),
                cmocka_unit_test(shows_what_it_read), cmocka_unit_test(shows_times),
                cmocka_unit_test(shows_any_octets),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
