/* The set of never-used addresses against a plain array, and at its edges. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/lease/vacancy.h"

static uint32_t next_random(uint32_t *seed) {
        *seed = *seed * 1664525 + 1013904223;
        return *seed >> 8;
}

/* Ranges that touch, overlap and leave gaps, in no order: 1000..1099, 1200..1499, 2000. */
static const struct vacancy_range ranges[] = {
        { 1300, 1499 }, { 1000, 1099 }, { 1200, 1299 }, { 1250, 1350 }, { 2000, 2000 }
};
enum { FIRST = 900, END = 2100 };

static bool is_inside(uint32_t addr) {
        return (addr >= 1000 && addr <= 1099) || (addr >= 1200 && addr <= 1499) || addr == 2000;
}

static uint32_t model_next(const bool *occupied, uint32_t from) {
        for (uint32_t i = 0; i < END - FIRST; i++) {
                uint32_t addr = FIRST + (from - FIRST + i) % (END - FIRST);
                if (is_inside(addr) && !occupied[addr - FIRST])
                        return addr;
        }
        return 0;
}

static void behaves_as_an_array(void **state) {
        CLEANUP(vacancy_free_at) struct vacancy *v = vacancy_new(ranges, 5);
        bool occupied[END - FIRST] = {};
        uint32_t seed = 3;
        (void)state;

        assert_non_null(v);
        for (int i = 0; i < 20000; i++) {
                uint32_t addr = FIRST + next_random(&seed) % (END - FIRST);
                bool fill = next_random(&seed) % 8 < (i < 10000 ? 7u : 1u); /* until full, then until empty */

                assert_int_equal(vacancy_contains(v, addr), is_inside(addr));
                if (fill)
                        vacancy_occupy(v, addr);
                else
                        vacancy_vacate(v, addr);
                occupied[addr - FIRST] = fill && is_inside(addr);
                assert_int_equal(vacancy_is_occupied(v, addr), occupied[addr - FIRST]);

                uint32_t from = FIRST + next_random(&seed) % (END - FIRST), next = 0;
                (void)vacancy_next(v, from, &next);
                assert_int_equal(next, model_next(occupied, from));
        }
}

static void edges(void **state) {
        static const struct {
                struct vacancy_range range;
                uint32_t n; /* how many it gives */
                const char *why;
        } rows[] = {
                { { 5, 4 }, 0, "upside down" },
                { { 5, 5 }, 1, "one" },
                { { 0, 63 }, 64, "a word" },
                { { 0, 64 }, 65, "and one more" },
                { { 7, 7 + 4095 }, 4096, "a full word one level up" },
                { { 0xffffff00, 0xffffffff }, 256, "the end of all addresses" },
        };
        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
                CLEANUP(vacancy_free_at) struct vacancy *v = vacancy_new(&rows[i].range, 1);
                uint32_t addr, n = 0;
                for (; vacancy_next(v, rows[i].range.first, &addr); n++) {
                        assert_int_equal(addr, rows[i].range.first + n);
                        vacancy_occupy(v, addr);
                }
                if (n != rows[i].n)
                        fail_msg("%s: %u", rows[i].why, n);
        }
}

static void huge(void **state) {
        const struct vacancy_range all = { 0, UINT32_MAX };
        CLEANUP(vacancy_free_at) struct vacancy *v = vacancy_new(&all, 1);
        uint32_t addr;
        (void)state;

        assert_non_null(v);
        assert_true(vacancy_contains(v, VACANCY_ADDRS_MAX - 1));
        assert_false(vacancy_contains(v, VACANCY_ADDRS_MAX));
        for (uint32_t i = 0; i < 70000; i++)
                vacancy_occupy(v, i);
        assert_true(vacancy_next(v, 0, &addr));
        assert_int_equal(addr, 70000);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(behaves_as_an_array),
                cmocka_unit_test(edges),
                cmocka_unit_test(huge),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
