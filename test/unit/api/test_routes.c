/* Where paths lead, and who is let in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "api/peer.h"
#include "api/routes.h"

static const struct {
        const char *remark, *method, *path;
        enum api_match want;
        const char *name, *first,
                *second; /* of the route, and its parameters; or the allowed methods as name */
} rows[] = {
        { "a list", "GET", "/api/v1/machines", API_MATCH_FOUND, "machine_list", NULL, NULL },
        { "its head", "HEAD", "/api/v1/machines", API_MATCH_FOUND, "machine_list", NULL, NULL },
        { "one of it", "GET", "/api/v1/machines/pi4", API_MATCH_FOUND, "machine_show", "pi4", NULL },
        { "two parameters", "PATCH", "/api/v1/subnets/10.77.0.0/24", API_MATCH_FOUND, "subnet_set",
          "10.77.0.0", "24" },
        { "behind a parameter", "PUT", "/api/v1/imports/a1/files", API_MATCH_FOUND, "import_file", "a1",
          NULL },
        { "a name that begins like another", "GET", "/api/v1/boot/files/content", API_MATCH_FOUND,
          "boot_file_content", NULL, NULL },
        { "nothing there", "GET", "/api/v1/nothing", API_MATCH_NO_PATH, NULL, NULL, NULL },
        { "the root", "GET", "/", API_MATCH_NO_PATH, NULL, NULL, NULL },
        { "no path", "GET", "", API_MATCH_NO_PATH, NULL, NULL, NULL },
        { "a slash too many", "GET", "/api/v1/machines/", API_MATCH_NO_PATH, NULL, NULL, NULL },
        { "an empty parameter", "GET", "/api/v1/subnets//24", API_MATCH_NO_PATH, NULL, NULL, NULL },
        { "a part too many", "GET", "/api/v1/machines/pi4/x", API_MATCH_NO_PATH, NULL, NULL, NULL },
        { "a part too few", "GET", "/api/v1/subnets/10.77.0.0", API_MATCH_NO_PATH, NULL, NULL, NULL },
        { "another method", "PUT", "/api/v1/machines/pi4", API_MATCH_NO_METHOD, "GET, PATCH, DELETE", NULL,
          NULL },
        { "another case", "get", "/api/v1/status", API_MATCH_NO_METHOD, "GET", NULL, NULL },
};

static void leads_where_it_should(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct api_target t;
                enum api_match got = api_route_match(rows[i].method, rows[i].path, &t);
                if (got != rows[i].want)
                        fail_msg("%s: got %d", rows[i].remark, (int)got);
                if (got == API_MATCH_NO_METHOD)
                        assert_string_equal(t.allow, rows[i].name);
                if (got != API_MATCH_FOUND)
                        continue;
                assert_string_equal(t.route->name, rows[i].name);
                if (rows[i].first)
                        assert_string_equal(t.params[0], rows[i].first);
                else
                        assert_null(t.params[0]);
                if (rows[i].second)
                        assert_string_equal(t.params[1], rows[i].second);
        }
}

static void knows_its_parameters(void **state) {
        struct api_target t;
        (void)state;
        assert_int_equal(api_route_match("GET", "/api/v1/machines", &t), API_MATCH_FOUND);
        assert_true(api_route_takes(t.route, "limit") && api_route_takes(t.route, "q") &&
                    api_route_takes(t.route, "serial"));
        assert_false(api_route_takes(t.route, "lim") || api_route_takes(t.route, "limit,cursor") ||
                     api_route_takes(t.route, ""));
}

static const struct {
        const char *remark;
        struct http_peer peer;
        long group;
        bool want;
} peers[] = {
        { "root", { .uid = 0, .gid = 0 }, API_GROUP_NONE, true },
        { "the daemon's own user", { .uid = 990, .gid = 5 }, API_GROUP_NONE, true },
        { "somebody", { .uid = 1000, .gid = 1000 }, 42, false },
        { "somebody, and there is no group", { .uid = 1000, .gid = 42 }, API_GROUP_NONE, false },
        { "a member, by the first group", { .uid = 1000, .gid = 42 }, 42, true },
        { "a member, by another group",
          { .uid = 1000, .gid = 1000, .groups = { 4, 24, 42 }, .n_groups = 3 },
          42,
          true },
        { "groups that do not count",
          { .uid = 1000, .gid = 1000, .groups = { 4, 24, 42 }, .n_groups = 2 },
          42,
          false },
        { "in root's group only", { .uid = 1000, .gid = 0 }, 42, false },
};

static void lets_in_who_may(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
                if (api_peer_is_welcome(&peers[i].peer, 990, peers[i].group) != peers[i].want)
                        fail_msg("%s", peers[i].remark);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(leads_where_it_should),
                                            cmocka_unit_test(knows_its_parameters),
                                            cmocka_unit_test(lets_in_who_may) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
