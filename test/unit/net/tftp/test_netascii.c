/* Line ends for the wire, whole and cut at every place. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "net/tftp/netascii.h"

#define OCTETS(s) s, sizeof(s) - 1

static const struct {
        const char *remark;
        const char *in;
        size_t in_len;
        const char *want;
        size_t want_len;
} rows[] = {
        { "nothing", OCTETS(""), OCTETS("") },
        { "plain", OCTETS("abc"), OCTETS("abc") },
        { "line feed", OCTETS("a\nb"), OCTETS("a\r\nb") },
        { "lone carriage return", OCTETS("a\rb"), OCTETS("a\r\0b") },
        { "both", OCTETS("a\r\nb"), OCTETS("a\r\0\r\nb") },
        { "only pairs", OCTETS("\n\n\r"), OCTETS("\r\n\r\n\r\0") },
        { "octets that are not text", OCTETS("\0\377\n"), OCTETS("\0\377\r\n") },
};

/* Converts in pieces of @in_step octets into blocks of @out_step, as blocks and chunks cut a file. */
static size_t convert(const char *in, size_t in_len, size_t in_step, uint8_t *out, size_t out_step) {
        struct netascii_place place = {};
        size_t made = 0;

        for (;;) {
                size_t left = in_len - place.offset;
                size_t n = netascii_convert(&place, (const uint8_t *)in + place.offset,
                                            left < in_step ? left : in_step, out + made, out_step);
                if (n == 0)
                        return made;
                made += n;
        }
}

static void test_every_cut(void **state) {
        (void)state;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
                for (size_t in_step = 1; in_step < 6; in_step++)
                        for (size_t out_step = 1; out_step < 6; out_step++) {
                                uint8_t out[32] = {};
                                size_t n = convert(rows[i].in, rows[i].in_len, in_step, out, out_step);
                                if (n != rows[i].want_len || memcmp(out, rows[i].want, n) != 0)
                                        fail_msg("%s, %zu octets in, %zu out: %zu", rows[i].remark, in_step,
                                                 out_step, n);
                        }
}

/* Moving without writing ends where converting does: so a window can be sent again from its middle. */
static void test_skipping(void **state) {
        static const char text[] = "one\ntwo\rthree\r\n\n";

        (void)state;
        for (size_t n = 0; n < 25; n++) {
                struct netascii_place wrote = {}, skipped = {};
                uint8_t out[32];
                size_t a = netascii_convert(&wrote, (const uint8_t *)text, sizeof(text) - 1, out, n);
                size_t b = netascii_convert(&skipped, (const uint8_t *)text, sizeof(text) - 1, NULL, n);
                assert_int_equal(a, b);
                assert_int_equal(wrote.offset, skipped.offset);
                assert_int_equal(wrote.owes_second_octet, skipped.owes_second_octet);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_every_cut),
                cmocka_unit_test(test_skipping),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
