/* docs/api/openapi.yaml and the routes say the same, both ways, and the schemas list just the members that
 * are read and written. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/doctor_json.h"
#include "api/fields.h"
#include "api/images.h"
#include "api/machine_json.h"
#include "api/machine_life.h"
#include "api/openapi.h"
#include "api/power_json.h"
#include "api/routes.h"
#include "api/subnet_json.h"
#include "api/trail_json.h"
#include "base/text.h"

static int load(void **state) {
        *state = json_loads(api_openapi, JSON_REJECT_DUPLICATES, NULL);
        return *state ? 0 : -1;
}

static int unload(void **state) {
        json_decref(*state);
        return 0;
}

/* What a $ref points to, or the object itself. */
static const json_t *resolve(const json_t *doc, const json_t *at) {
        const char *ref = json_string_value(json_object_get(at, "$ref"));
        if (!ref)
                return at;
        char path[200];
        assert_int_equal(text_copy(path, sizeof(path), ref), 0);
        assert_true(text_starts_with(path, "#/"));
        char *rest = path + 2;
        for (char *part; (part = strsep(&rest, "/"));) {
                doc = json_object_get(doc, part);
                if (!doc)
                        fail_msg("%s leads nowhere", ref);
        }
        return doc;
}

static const json_t *get(const json_t *doc, const json_t *at, const char *key) {
        const json_t *found = json_object_get(at, key);
        return found ? resolve(doc, found) : NULL;
}

static const json_t *operation_of(const json_t *doc, const struct api_route *route) {
        char method[16] = "";
        for (size_t i = 0; route->method[i]; i++)
                method[i] = (char)tolower(route->method[i]);
        return get(doc, get(doc, get(doc, doc, "paths"), route->path), method);
}

/* The schema's name that a JSON answer of success has; "" for none. */
static const char *out_of(const json_t *doc, const json_t *operation) {
        static const char *const successes[] = { "200", "201", "204" };
        for (size_t i = 0; i < ARRAY_LEN(successes); i++) {
                const json_t *answer = get(doc, get(doc, operation, "responses"), successes[i]);
                const json_t *json = get(doc, get(doc, answer, "content"), "application/json");
                const char *ref = json_string_value(json_object_get(json_object_get(json, "schema"), "$ref"));
                if (ref)
                        return strrchr(ref, '/') + 1;
        }
        return "";
}

static enum api_in in_of(const json_t *doc, const json_t *operation) {
        const json_t *content = get(doc, get(doc, operation, "requestBody"), "content");
        if (!content)
                return API_IN_NONE;
        return json_object_get(content, "application/json") ? API_IN_JSON : API_IN_STREAM;
}

/* How many parameters of @where there are, each of which the route must take. */
static size_t check_parameters(const json_t *doc, const json_t *at, const struct api_route *route) {
        const json_t *list = json_object_get(at, "parameters");
        size_t n = 0;

        for (size_t i = 0; i < json_array_size(list); i++) {
                const json_t *p = resolve(doc, json_array_get(list, i));
                const char *name = json_string_value(json_object_get(p, "name"));
                const char *in = json_string_value(json_object_get(p, "in"));
                char braced[64];
                (void)snprintf(braced, sizeof(braced), "{%s}", name);
                if (strcmp(in, "query") == 0 && !api_route_takes(route, name))
                        fail_msg("%s %s: parameter %s is not in the routes", route->method, route->path,
                                 name);
                if (strcmp(in, "path") == 0 && !strstr(route->path, braced))
                        fail_msg("%s: there is no {%s} in it", route->path, name);
                n += strcmp(in, "query") == 0;
        }
        return n;
}

static size_t count_words(const char *list) {
        size_t n = *list ? 1 : 0;
        for (; *list; list++)
                n += *list == ',';
        return n;
}

static void every_route_is_described(void **state) {
        const json_t *doc = *state;

        for (const struct api_route *route = api_routes; route->method; route++) {
                const json_t *operation = operation_of(doc, route);
                if (!operation)
                        fail_msg("%s %s is not in the document", route->method, route->path);
                assert_string_equal(json_string_value(json_object_get(operation, "operationId")),
                                    route->name);
                assert_string_equal(json_string_value(json_object_get(operation, "x-role")),
                                    api_role_name(route->role));
                assert_non_null(json_object_get(operation, "summary"));
                if (strcmp(out_of(doc, operation), route->out) != 0)
                        fail_msg("%s: the document says \"%s\" comes out", route->name,
                                 out_of(doc, operation));
                if (in_of(doc, operation) != route->in)
                        fail_msg("%s: the document and the routes differ in what goes in", route->name);
                assert_true((route->in == API_IN_STREAM) == (route->handler == NULL));
                size_t n = check_parameters(doc, operation, route) +
                           check_parameters(doc, get(doc, get(doc, doc, "paths"), route->path), route);
                if (n != count_words(route->query))
                        fail_msg("%s: %zu parameters are described, the route takes %s", route->name, n,
                                 route->query);
        }
}

static void every_description_has_a_route(void **state) {
        const char *path, *method;
        const json_t *doc = *state;
        json_t *item, *operation;

        json_object_foreach(json_object_get(doc, "paths"), path, item) {
                json_object_foreach(item, method, operation) {
                        bool is_there = strcmp(method, "parameters") == 0;
                        for (const struct api_route *route = api_routes; route->method && !is_there; route++)
                                is_there = strcmp(route->path, path) == 0 &&
                                           strcasecmp(route->method, method) == 0;
                        if (!is_there)
                                fail_msg("%s %s is described, but there is no such route", method, path);
                }
        }
}

/* Whether @thing has just the members that schema @name requires. */
static void check_members(const json_t *doc, const char *name, json_t *thing) {
        const json_t *schema = get(doc, get(doc, get(doc, doc, "components"), "schemas"), name);
        const json_t *required = json_object_get(schema, "required");
        const char *key;
        json_t *value;

        assert_non_null(thing);
        assert_non_null(schema);
        for (size_t i = 0; i < json_array_size(required); i++) {
                if (!json_object_get(thing, json_string_value(json_array_get(required, i))))
                        fail_msg("%s: %s is described, but not there", name,
                                 json_string_value(json_array_get(required, i)));
        }
        json_object_foreach(thing, key, value) {
                if (!json_object_get(json_object_get(schema, "properties"), key))
                        fail_msg("%s: %s is there, but not described", name, key);
        }
        json_decref(thing);
}

static void shows_what_is_described(void **state) {
        CLEANUP(machine_drop_at) struct machine *m = machine_new();
        CLEANUP(subnet_drop_at) struct subnet *s = subnet_new();
        CLEANUP(image_drop_at) struct image *i = image_new();
        const struct trail_event event = {};
        const struct trail_session session = { .events = &event, .n_events = 1 };
        json_t *trail = trail_session_json(&session);

        assert_int_equal(ip_net_parse("10.0.0.0/8", &s->net), 0);
        check_members(*state, "Machine", machine_to_json(m));
        check_members(*state, "Subnet", subnet_to_json(s));
        check_members(*state, "Image", image_to_json(i, true));
        check_members(*state, "ImageSummary", image_to_json(i, false));
        check_members(*state, "Activity", activity_to_json(m, &(struct life_view){ .has_progress = true }));
        check_members(*state, "ScriptResult", script_result_to_json(&(struct script_result){}, true));
        json_t *driver = power_driver_to_json(power_driver_by_name("ipmi"));
        check_members(*state, "PowerKey", json_incref(json_array_get(json_object_get(driver, "keys"), 0)));
        check_members(*state, "PowerDriver", driver);
        check_members(*state, "PowerResult",
                      power_result_to_json(POWER_DONE, &(struct power_outcome){}, &(struct error){}));
        check_members(*state, "TrailStep", json_incref(json_array_get(json_object_get(trail, "steps"), 0)));
        check_members(*state, "TrailSession", trail);

        const struct doctor_finding finding = { .sign = &doctor_signs[0],
                                                .evidence = { { &session, &event } },
                                                .n_evidence = 1 };
        json_t *found = doctor_finding_json(&finding);
        check_members(*state, "Evidence", json_incref(json_array_get(json_object_get(found, "evidence"), 0)));
        check_members(*state, "Finding", found);
        check_members(*state, "Check", doctor_check_json(&site_checks[0], "10.0.0.1 answers on eth0"));
        check_members(*state, "Led", doctor_led_json(0, 7, doctor_led_find(0, 7)));
}

/* Every member that a schema of input has is one that is read: null is right for each of them. */
static void reads_what_is_described(void **state) {
        static const struct {
                const char *schema, *rest; /* members without which it is refused anyway */
        } rows[] = {
                { "MachineNew", "{\"name\": \"x\", \"macs\": [\"02:00:00:00:00:01\"]}" },
                { "MachinePatch", "{\"name\": \"x\", \"macs\": [\"02:00:00:00:00:01\"]}" },
                { "SubnetNew", "{\"net\": \"10.0.0.0/8\"}" },
                { "SubnetPatch", "{\"net\": \"10.0.0.0/8\"}" },
        };
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const json_t *doc = *state;
                const json_t *schema =
                        get(doc, get(doc, get(doc, doc, "components"), "schemas"), rows[i].schema);
                json_t *in = json_object(), *rest = json_loads(rows[i].rest, 0, NULL), *value;
                const char *key, *field = NULL;
                struct error error = {};
                CLEANUP(machine_drop_at) struct machine *m = NULL;
                CLEANUP(subnet_drop_at) struct subnet *s = NULL;

                json_object_foreach(json_object_get(schema, "properties"), key, value)
                        json_object_set_new(in, key, json_null());
                json_object_update(in, rest);
                int r = rows[i].schema[0] == 'M' ? machine_from_json(in, &m, &field, &error)
                                                 : subnet_from_json(in, &s, &field, &error);
                if (r < 0)
                        fail_msg("%s: %s", rows[i].schema, error.text);
                json_decref(in);
                json_decref(rest);
        }
}

/* Every member of an order is one that some action takes, and every action is named. */
static void describes_all_orders(void **state) {
        const json_t *doc = *state;
        const json_t *components = get(doc, doc, "components");
        const json_t *properties =
                json_object_get(get(doc, get(doc, components, "schemas"), "Order"), "properties");
        const json_t *action = get(doc, get(doc, components, "parameters"), "action");
        const json_t *names = json_object_get(json_object_get(action, "schema"), "enum");
        const char *member;
        json_t *value;

        assert_int_equal(json_array_size(names), ORDER_VERBS);
        for (size_t i = 0; i < ORDER_VERBS; i++)
                assert_string_equal(json_string_value(json_array_get(names, i)),
                                    order_verb_name((enum order_verb)i));
        json_object_foreach((json_t *)properties, member, value) {
                bool is_taken = false;
                for (size_t i = 0; i < ORDER_VERBS && !is_taken; i++) {
                        json_t *wish = json_pack("{s:n}", member);
                        const struct order o = { .verb = (enum order_verb)i, .wish = wish };
                        const char *field = NULL;
                        is_taken = order_check(&o, &field, NULL) == 0 || strcmp(field, member) != 0;
                        json_decref(wish);
                }
                if (!is_taken)
                        fail_msg("Order: %s is described, and no action takes it", member);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_route_is_described), cmocka_unit_test(every_description_has_a_route),
                cmocka_unit_test(shows_what_is_described),  cmocka_unit_test(reads_what_is_described),
                cmocka_unit_test(describes_all_orders),
        };
        return cmocka_run_group_tests(tests, load, unload);
}
