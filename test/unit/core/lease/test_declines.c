/* Clients that decline, few and many times. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/lease/declines.h"

enum { WITHIN_S = 600 };

static struct mac mac_of(unsigned i) {
        return (struct mac){ { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i } };
}

static void one_client_is_heeded_so_often(void **state) {
        struct declines d = {};
        const struct mac a = mac_of(1), b = mac_of(2);
        (void)state;

        for (int i = 0; i < DECLINES_MAX; i++)
                assert_true(declines_count(&d, &a, 1000 + i, WITHIN_S));
        assert_false(declines_count(&d, &a, 1100, WITHIN_S));
        assert_true(declines_count(&d, &b, 1100, WITHIN_S)); /* who is not the one */
        assert_false(declines_count(&d, &a, 1599, WITHIN_S));
        assert_true(declines_count(&d, &a, 1600, WITHIN_S)); /* the first ones are in quarantine no more */
}

static void many_clients_push_out_the_oldest(void **state) {
        struct declines d = {};
        (void)state;

        for (unsigned i = 0; i < 3 * DECLINERS_MAX; i++) {
                const struct mac mac = mac_of(i);
                assert_true(declines_count(&d, &mac, (int64_t)i, WITHIN_S));
        }
        const struct mac newest = mac_of(3 * DECLINERS_MAX - 1);
        for (int i = 1; i < DECLINES_MAX; i++)
                assert_true(declines_count(&d, &newest, 300, WITHIN_S));
        assert_false(declines_count(&d, &newest, 300, WITHIN_S));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_client_is_heeded_so_often),
                cmocka_unit_test(many_clients_push_out_the_oldest),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
