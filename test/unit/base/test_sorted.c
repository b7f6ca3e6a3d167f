/* Items in order against a plain array, and that no order of coming makes it deep. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sorted.h"

enum {
        NUMBERS = 300,
        CHANGES = 20000,
        MANY = 1 << 16,
        DEPTH_MAX = 64 /* four times what it would be at best */
};

static uint32_t next_random(uint32_t *seed) {
        *seed = *seed * 1664525 + 1013904223;
        return *seed >> 8;
}

static void behaves_as_an_array(void **state) {
        static struct sorted_node nodes[NUMBERS];
        struct sorted s = { .key = { 1, 2 } };
        bool is_in[NUMBERS] = {};
        uint32_t seed = 7;
        (void)state;

        assert_null(sorted_from(&s, 0));
        for (size_t i = 0; i < CHANGES; i++) {
                uint32_t n = next_random(&seed) % NUMBERS, from = next_random(&seed) % NUMBERS, next = from;
                if (is_in[n])
                        sorted_remove(&s, &nodes[n]);
                else
                        sorted_add(&s, &nodes[n], n);
                is_in[n] = !is_in[n];
                while (next < NUMBERS && !is_in[next])
                        next++;
                assert_ptr_equal(sorted_from(&s, from), next < NUMBERS ? &nodes[next] : NULL);
        }

        const struct sorted_node *at = sorted_from(&s, 0);
        for (size_t i = 0; i < NUMBERS; i++)
                if (is_in[i]) {
                        assert_ptr_equal(at, &nodes[i]);
                        at = at->next;
                }
        assert_null(at);
}

static void the_ends_of_all_numbers(void **state) {
        struct sorted s = { .key = { 1, 2 } };
        struct sorted_node first, last;
        (void)state;

        sorted_add(&s, &last, UINT64_MAX);
        sorted_add(&s, &first, 0);
        assert_ptr_equal(sorted_from(&s, 0), &first);
        assert_ptr_equal(sorted_from(&s, 1), &last);
        assert_ptr_equal(sorted_from(&s, UINT64_MAX), &last);
        sorted_remove(&s, &last);
        assert_null(sorted_from(&s, 1));
}

static size_t depth_of(const struct sorted *s, const struct sorted_node *n) {
        size_t depth = 1;
        for (const struct sorted_node *at = s->root; at != n;
             at = n->number < at->number ? at->less : at->more)
                depth++;
        return depth;
}

/* A DHCP server gives addresses in a row, and who makes up MACs counts. */
static void numbers_in_a_row_make_no_chain(void **state) {
        static struct sorted_node nodes[MANY];
        struct sorted s = { .key = { 1, 2 } };
        (void)state;

        for (size_t i = 0; i < MANY; i++)
                sorted_add(&s, &nodes[i], i);
        for (size_t i = 0; i < MANY; i++)
                assert_in_range(depth_of(&s, &nodes[i]), 1, DEPTH_MAX);
        for (size_t i = 0; i < MANY; i += 2)
                sorted_remove(&s, &nodes[i]);
        size_t n = 0;
        for (const struct sorted_node *at = sorted_from(&s, 0); at; at = at->next)
                assert_int_equal(at->number, 2 * n++ + 1);
        assert_int_equal(n, MANY / 2);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(behaves_as_an_array),
                cmocka_unit_test(the_ends_of_all_numbers),
                cmocka_unit_test(numbers_in_a_row_make_no_chain),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
