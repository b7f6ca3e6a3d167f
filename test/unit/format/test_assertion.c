/* Assertions, by their shape: what snapd would read, and what it would not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "format/assertion.h"

#define USER \
        "type: system-user\nbrand-id: acme\nmodels:\n  - shelf\nssh-keys:\n  - ssh-ed25519 AAAA jo\n" \
        "username: jo\n\nAcLBUgQA\nABC=\n"
#define KEY "type: account-key\nbody-length: 9\n\nAcbB\nTQRW\n\nAcLB\n"

static const struct {
        const char *remark, *text;
        size_t n, n_users;
        const char *says; /* NULL: it is well */
} rows[] = {
        { "a user", USER, 1, 1, NULL },
        { "with the key that signed it", KEY "\n" USER, 2, 1, NULL },
        { "without an end of its last line", "type: account\n\nAcLB", 1, 0, NULL },
        { "none at all", "", 0, 0, NULL },
        { "empty lines", "\n\n" USER "\n\n", 1, 1, NULL },
        { "user data of cloud-init", "#cloud-config\nusers: [jo]\n", 0, 0, "line 1: a header" },
        { "a public key", "ssh-ed25519 AAAA jo\n", 0, 0, "line 1: a header" },
        { "no type", "brand-id: acme\n\nAcLB\n", 0, 0, "line 1: an assertion begins with its type" },
        { "an empty type", "type:\n\nAcLB\n", 0, 0, "begins with its type" },
        { "no space behind the colon", "type:account\n\nAcLB\n", 0, 0, "line 1: a header" },
        { "the second has none", USER "\nemail: jo@example.com\n\nAcLB\n", 0, 0,
          "line 12: an assertion begins with its type" },
        { "cut in its headers", "type: system-user\nbrand-id: acme\n", 0, 0,
          "assertion 1 has no signature: it is cut" },
        { "cut before its signature", "type: system-user\n\n", 0, 0, "assertion 1 has no signature" },
        { "cut in its body", "type: account-key\nbody-length: 9\n\nAcbB", 0, 0, "no body of such a length" },
        { "a longer body than it says", "type: account-key\nbody-length: 4\n\nAcbBTQRW\n\nAcLB\n", 0, 0,
          "the body of assertion 1 is of another length" },
        { "a body of no length", "type: account-key\nbody-length: -1\n\nAcbB\n\nAcLB\n", 0, 0,
          "line 2: it has no body of such a length" },
        { "a body's lines are counted", KEY "\ntype: model\n\nno signature!\n", 0, 0,
          "line 11: a signature is wanted" },
        { "lines that end as DOS ends them", "type: account\r\n\r\nAcLB\r\n", 0, 0, "line 2: a header" },
};

static void reads_assertions(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                struct assertions found = { 0 };
                struct error error = { 0 };
                int r = assertions_parse(rows[i].text, strlen(rows[i].text), &found, &error);
                if (!rows[i].says &&
                    (r != 0 || found.n != rows[i].n || found.n_system_users != rows[i].n_users))
                        fail_msg("%s: %zu, %zu of users: %s", rows[i].remark, found.n, found.n_system_users,
                                 error.text);
                if (rows[i].says && (r == 0 || !strstr(error.text, rows[i].says)))
                        fail_msg("%s: \"%s\" does not say \"%s\"", rows[i].remark, error.text, rows[i].says);
        }
}

static void reads_no_more_than_anybody_has(void **state) {
        CLEANUP(text_free) struct text all = {};
        struct assertions found;
        struct error error = { 0 };

        (void)state;
        for (size_t i = 0; i < ASSERTIONS_MAX; i++)
                text_append(&all, "type: account\n\nAcLB\n\n");
        assert_int_equal(assertions_parse(all.octets, all.len, &found, &error), 0);
        text_append(&all, "type: account\n\nAcLB\n\n");
        assert_true(assertions_parse(all.octets, all.len, &found, &error) < 0);
        assert_non_null(strstr(error.text, "more than 64"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_assertions),
                cmocka_unit_test(reads_no_more_than_anybody_has),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
