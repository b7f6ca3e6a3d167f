/* The rack's certificates: one authority for ever, and a server's that follows addresses and clock. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "rack/authority.h"

enum { NOW_S = 1790000000, DAY_S = 24 * 3600 };

static struct authority *open_in(const char *dir) {
        struct authority *a = NULL;
        struct error error;
        if (authority_open(dir, "boot.lan", &a, &error) < 0)
                fail_msg("%s", error.text);
        return a;
}

static void is_the_same_after_a_restart(void **state) {
        char dir[] = "/tmp/bramble-authority-XXXXXX", path[64];
        uint8_t hash[SHA256_SIZE];
        (void)state;

        assert_non_null(mkdtemp(dir));
        struct authority *a = open_in(dir);
        memcpy(hash, authority_hash(a), sizeof(hash));
        authority_free(a);
        a = open_in(dir);
        assert_memory_equal(authority_hash(a), hash, sizeof(hash));
        assert_non_null(strstr(authority_pem(a), "BEGIN CERTIFICATE"));
        assert_null(strstr(authority_pem(a), "PRIVATE"));
        authority_free(a);
        (void)snprintf(path, sizeof(path), "%s/ca.pem", dir);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(dir), 0);
}

static void a_certificate_is_renewed_when_it_is_due(void **state) {
        static const struct {
                const char *remark;
                struct authority_addrs addrs;
                int64_t now_s;
                bool is_due;
        } rows[] = {
                { "as it was made", { { 1, 2 }, 2 }, NOW_S, false },
                { "the other way round", { { 2, 1 }, 2 }, NOW_S, false },
                { "an address has gone", { { 2 }, 1 }, NOW_S, false },
                { "an address came", { { 1, 2, 3 }, 3 }, NOW_S, true },
                { "half a year later", { { 1, 2 }, 2 }, NOW_S + 180 * DAY_S, false },
                { "a month before its end", { { 1, 2 }, 2 }, NOW_S + 336 * DAY_S, true },
                { "the clock was wrong by an hour", { { 1, 2 }, 2 }, NOW_S - 3600, false },
                { "the clock goes back to 1970", { { 1, 2 }, 2 }, 100, true },
        };
        char dir[] = "/tmp/bramble-authority-XXXXXX", path[64];
        struct error error;
        (void)state;

        assert_non_null(mkdtemp(dir));
        struct authority *a = open_in(dir);
        assert_true(authority_is_due(a, &rows[0].addrs, NOW_S));
        assert_int_equal(authority_renew(a, &rows[0].addrs, NOW_S, &error), 0);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                if (authority_is_due(a, &rows[i].addrs, rows[i].now_s) != rows[i].is_due)
                        fail_msg("%s", rows[i].remark);
        /* A board that began in 1970 and then heard the time. */
        assert_int_equal(authority_renew(a, authority_named(a), 100, &error), 0);
        assert_false(authority_is_old(a, 200));
        assert_true(authority_is_old(a, NOW_S));
        assert_int_equal(authority_named(a)->n, 2);
        authority_free(a);
        (void)snprintf(path, sizeof(path), "%s/ca.pem", dir);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(dir), 0);
}

static void names_each_address_once(void **state) {
        struct netif all[] = {
                { .ifindex = 1, .n_addrs = 1, .addrs = { { .addr = 0x7f000001 } } },
                { .ifindex = 2, .n_addrs = 2, .addrs = { { .addr = 5 }, { .addr = 6 } } },
                { .ifindex = 3, .n_addrs = 1, .addrs = { { .addr = 5 } } },
        };
        struct authority_addrs got;
        (void)state;

        authority_addrs(all, 3, &got);
        assert_int_equal(got.n, 3);
        assert_true(got.items[0] == 0x7f000001 && got.items[1] == 5 && got.items[2] == 6);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(is_the_same_after_a_restart),
                cmocka_unit_test(a_certificate_is_renewed_when_it_is_due),
                cmocka_unit_test(names_each_address_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
