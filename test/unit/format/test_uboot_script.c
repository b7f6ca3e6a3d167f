/* Scripts for U-Boot, against what mkimage of U-Boot 2023.01 made of the same text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "format/uboot_script.h"

/* SOURCE_DATE_EPOCH=0 mkimage -A arm64 -O linux -T script -C none -n bramble -d TEXT IMAGE */
static const uint8_t by_mkimage[] = {
        0x27, 0x05, 0x19, 0x56, 0x1c, 0x67, 0x2c, 0xe3, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x1a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x63, 0x01, 0x9c, 0x97, 0x05, 0x16,
        0x06, 0x00, 'b',  'r',  'a',  'm',  'b',  'l',  'e',  0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00, 0x00, 0x00,
};

static void as_mkimage_makes_it(void **state) {
        static const char script[] = "pxe get; pxe boot\n";
        CLEANUP(text_free) struct text out = {};
        (void)state;

        uboot_script_make("bramble", script, &out);
        assert_false(out.failed);
        assert_int_equal(out.len, sizeof(by_mkimage) + strlen(script));
        assert_memory_equal(out.octets, by_mkimage, sizeof(by_mkimage));
        assert_string_equal(out.octets + sizeof(by_mkimage), script);
}

static void a_long_name_is_cut(void **state) {
        CLEANUP(text_free) struct text out = {};
        (void)state;

        uboot_script_make("a name of more than thirty-two octets", "", &out);
        assert_memory_equal(out.octets + 32, "a name of more than thirty-two o", 32);
        assert_memory_equal(out.octets + 64, "\0\0\0\0", 4); /* the length of no script */
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(as_mkimage_makes_it),
                cmocka_unit_test(a_long_name_is_cut),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
