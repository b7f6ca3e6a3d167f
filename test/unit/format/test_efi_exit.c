/* The smallest EFI program, as firmware reads it: headers that hold together, and the few instructions it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/efi_exit.h"

static void ends_with_not_found(void **state) {
        static const struct {
                enum pe_machine machine;
                size_t len;
                const char *code;
        } rows[] = {
                { PE_MACHINE_AMD64, 11, "\x48\xb8\x0e\0\0\0\0\0\0\x80\xc3" },
                { PE_MACHINE_ARM64, 12, "\xc0\x01\x80\xd2\0\0\xf0\xf2\xc0\x03\x5f\xd6" },
        };
        (void)state;

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                uint8_t program[EFI_EXIT_SIZE];
                struct pe_headers h;

                efi_exit_make(rows[i].machine, program);
                assert_int_equal(pe_headers_parse(program, sizeof(program), &h), 0);
                assert_int_equal(h.machine, rows[i].machine);
                assert_int_equal(h.n_sections, 1);
                const struct pe_section *text = pe_section_find(&h, ".text");
                assert_non_null(text);
                assert_int_equal(text->virtual_size, rows[i].len);
                assert_memory_equal(program + text->raw_offset, rows[i].code, rows[i].len);
                assert_true(text->raw_offset + text->raw_size <= sizeof(program));
                assert_true(text->virtual_address + text->virtual_size <= h.size_of_image);
                /* It begins where its code does: the entry point stands 16 octets into the optional header. */
                const uint8_t *entry = program + h.optional_offset + 16;
                assert_int_equal(entry[0] | entry[1] << 8, text->virtual_address);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = { cmocka_unit_test(ends_with_not_found) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
