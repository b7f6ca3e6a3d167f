/* Text that grows, numbers and hex that must be whole. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

static void grows(void **state) {
        CLEANUP(text_free) struct text t = {};
        (void)state;

        for (int i = 0; i < 1000; i++)
                text_printf(&t, "%d,", i);
        text_append(&t, "end");
        assert_int_equal(t.len, 10 * 2 + 90 * 3 + 900 * 4 + 3);
        CLEANUP(free_at) char *s = text_take(&t);
        assert_true(text_starts_with(s, "0,1,2,"));
        assert_true(text_ends_with(s, "999,end"));
        CLEANUP(free_at) char *empty = text_take(&t);
        assert_string_equal(empty, "");
}

static void numbers(void **state) {
        static const struct {
                const char *text;
                uint64_t max;
                int result;
                uint64_t value;
        } rows[] = {
                { "0", 10, 0, 0 },
                { "65535", 65535, 0, 65535 },
                { "65536", 65535, -ERANGE, 0 },
                { "0xff", 255, 0, 255 },
                { "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
                { "18446744073709551616", UINT64_MAX, -ERANGE, 0 }, /* one more than fits */
                { "", 10, -EINVAL, 0 },
                { "0x", 10, -EINVAL, 0 },
                { "-1", 10, -EINVAL, 0 },
                { " 1", 10, -EINVAL, 0 },
                { "1a", 10, -EINVAL, 0 },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint64_t v = 0;
                assert_int_equal(text_parse_u64(rows[i].text, rows[i].max, &v), rows[i].result);
                assert_true(v == rows[i].value);
        }
}

static void hex(void **state) {
        uint8_t octets[3] = {};
        char back[7];
        (void)state;

        assert_int_equal(text_parse_hex("00fFa1", octets, 3), 0);
        assert_string_equal(text_hex(octets, 3, back), "00ffa1");
        assert_int_equal(text_parse_hex("00ff", octets, 3), -EINVAL);
        assert_int_equal(text_parse_hex("00ffg1", octets, 3), -EINVAL);
}

static void copies_whole_or_not_at_all(void **state) {
        char small[4];
        (void)state;

        assert_int_equal(text_copy(small, sizeof(small), "abc"), 0);
        assert_string_equal(small, "abc");
        assert_int_equal(text_copy(small, sizeof(small), "abcd"), -ENAMETOOLONG);
        assert_string_equal(small, "");
}

static void errors_are_prefixed_going_up(void **state) {
        struct error err;
        (void)state;

        assert_int_equal(error_set(&err, -ENOENT, "no file %s", "vmlinuz"), -ENOENT);
        assert_int_equal(error_prefix(&err, "image %s", "bookworm"), -ENOENT);
        assert_string_equal(err.text, "image bookworm: no file vmlinuz");

        char longest[1000];
        memset(longest, 'x', sizeof(longest) - 1);
        longest[sizeof(longest) - 1] = 0;
        (void)error_prefix(&err, "%s", longest);
        assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
        assert_int_equal(error_set(NULL, -EIO, "nobody listens"), -EIO);
}

static void arenas_have_a_limit(void **state) {
        CLEANUP(arena_free_at) struct arena *a = arena_new(20000);
        (void)state;

        char *first = arena_printf(a, "%s-%d", "text", 7);
        assert_string_equal(first, "text-7");
        assert_non_null(arena_alloc(a, 15000)); /* larger than a chunk */
        assert_null(arena_alloc(a, 15000));     /* over the limit */
        assert_null(arena_alloc(a, SIZE_MAX));
        assert_string_equal(first, "text-7");
        arena_reset(a);
        assert_non_null(arena_alloc(a, 15000));
        assert_string_equal(arena_strdup(a, "again"), "again");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(grows),
                cmocka_unit_test(numbers),
                cmocka_unit_test(hex),
                cmocka_unit_test(copies_whole_or_not_at_all),
                cmocka_unit_test(errors_are_prefixed_going_up),
                cmocka_unit_test(arenas_have_a_limit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
