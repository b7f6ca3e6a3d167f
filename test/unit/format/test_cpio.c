/* Archives are what the kernel's own words say they are, octet for octet. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/cpio.h"

static void an_entry_is_a_header_in_hex(void **state) {
        (void)state;
        uint8_t octets[CPIO_HEADER_MAX];
        struct writer w = writer_of(octets, sizeof(octets));

        cpio_write_entry(&w, 3, "bramble/agent", CPIO_PROGRAM, 0x1234);
        assert_false(w.full);
        assert_int_equal(writer_len(&w), 124); /* 110, the name and its NUL */
        assert_memory_equal(octets,
                            "070701"
                            "00000003"
                            "000081ED"
                            "00000000"
                            "00000000"
                            "00000001"
                            "00000000"
                            "00001234"
                            "00000000"
                            "00000000"
                            "00000000"
                            "00000000"
                            "0000000E"
                            "00000000"
                            "bramble/agent",
                            124);
}

static void everything_ends_on_four(void **state) {
        (void)state;
        static const char *const names[] = { "a", "ab", "abc", "abcd", "abcde" };
        uint8_t octets[CPIO_HEADER_MAX];

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
                struct writer w = writer_of(octets, sizeof(octets));
                cpio_write_entry(&w, 1, names[i], CPIO_FILE, 0);
                assert_int_equal(writer_len(&w) % 4, 0);
        }
        assert_int_equal(cpio_padding(0), 0);
        assert_int_equal(cpio_padding(1), 3);
        assert_int_equal(cpio_padding(4), 0);
}

static void what_does_not_fit_is_told(void **state) {
        (void)state;
        uint8_t octets[64];
        struct writer w = writer_of(octets, sizeof(octets));

        cpio_write_end(&w);
        assert_true(w.full);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_entry_is_a_header_in_hex),
                cmocka_unit_test(everything_ends_on_four),
                cmocka_unit_test(what_does_not_fit_is_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
