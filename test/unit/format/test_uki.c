/* UKIs laid out from a synthetic stub: the headers hold together, and every piece lies where its section
 * says. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "boot_site.h"
#include "format/uki.h"

enum { STUB_ROOM = 0x4000 };

static uint8_t stub[STUB_ROOM];
static size_t stub_len;

static const struct uki_parts parts = {
        .stub_size = 0x1800,
        .osrel_size = 30,
        .cmdline_len = 12,
        .kernel_size = 100001,
        .initrd_sizes = { 5001, 77 },
        .n_initrds = 2,
};

/* The offset in the file where a source's octet 0 was put. */
static uint64_t piece_offset(const struct uki_layout *l, enum uki_source source, unsigned index) {
        uint64_t at = 0;
        for (size_t i = 0; i < l->n_pieces; i++) {
                if (l->pieces[i].source == source && l->pieces[i].index == index)
                        return at;
                at += l->pieces[i].len;
        }
        fail_msg("no such piece");
        return 0;
}

static void headers_and_pieces_agree(void **state) {
        (void)state;
        CLEANUP(free_at) struct uki_layout *l = malloc(sizeof(*l));
        struct pe_headers h;

        assert_int_equal(uki_layout_make(stub, stub_len, &parts, l), 0);
        assert_int_equal(pe_headers_parse(l->header, l->header_len, &h), 0);
        assert_int_equal(h.machine, PE_MACHINE_ARM64);
        assert_int_equal(h.n_sections, 6);
        assert_int_equal(pe_section_find(&h, ".osrel")->raw_offset, piece_offset(l, UKI_OSREL, 0));
        assert_int_equal(pe_section_find(&h, ".cmdline")->raw_offset, piece_offset(l, UKI_CMDLINE, 0));
        assert_int_equal(pe_section_find(&h, ".linux")->raw_offset, piece_offset(l, UKI_KERNEL, 0));
        assert_int_equal(pe_section_find(&h, ".initrd")->raw_offset, piece_offset(l, UKI_INITRD, 0));
        assert_int_equal(piece_offset(l, UKI_INITRD, 1),
                         piece_offset(l, UKI_INITRD, 0) + 5004); /* at a multiple of four */

        assert_int_equal(pe_section_find(&h, ".osrel")->virtual_size, 30);
        assert_int_equal(pe_section_find(&h, ".cmdline")->virtual_size, 12);
        assert_int_equal(pe_section_find(&h, ".cmdline")->raw_size, UKI_CMDLINE_SLOT);
        assert_int_equal(pe_section_find(&h, ".initrd")->virtual_size, 5004 + 77);
        assert_int_equal(pe_section_find(&h, ".linux")->virtual_size, 100001);

        uint64_t file_end = h.size_of_headers, memory_end = h.size_of_headers;
        for (size_t i = 0; i < h.n_sections; i++) {
                const struct pe_section *s = &h.sections[i];
                assert_true(s->raw_offset >= file_end && s->raw_offset % h.file_alignment == 0);
                assert_true(s->virtual_address >= memory_end);
                if (i >= 2)
                        assert_int_equal(s->virtual_address % 4096, 0);
                file_end = (uint64_t)s->raw_offset + s->raw_size;
                memory_end = (uint64_t)s->virtual_address + s->virtual_size;
        }
        assert_int_equal(file_end, l->size);
        assert_true(h.size_of_image >= memory_end && h.size_of_image % h.section_alignment == 0);
}

static void the_size_says_nothing_of_the_command_line(void **state) {
        (void)state;
        CLEANUP(free_at) struct uki_layout *l = malloc(sizeof(*l));
        struct uki_parts longer = parts;

        assert_int_equal(uki_layout_make(stub, stub_len, &parts, l), 0);
        uint64_t size = l->size;
        longer.cmdline_len = UKI_CMDLINE_SLOT;
        assert_int_equal(uki_layout_make(stub, stub_len, &longer, l), 0);
        assert_int_equal(l->size, size);
        longer.cmdline_len++;
        assert_int_equal(uki_layout_make(stub, stub_len, &longer, l), -EFBIG);
}

/* A header without room grows, and what lies behind it in the file moves. */
static void a_full_header_grows(void **state) {
        (void)state;
        CLEANUP(free_at) struct uki_layout *l = malloc(sizeof(*l));
        uint8_t tight[STUB_ROOM];
        struct pe_headers h;
        enum { TIGHT = 0x200 };

        /* The same stub with a header of 512 octets: its table ends at 328, four more sections end at 488;
         * then fill it. */
        memcpy(tight, stub, stub_len);
        assert_int_equal(pe_headers_parse(tight, stub_len, &h), 0);
        size_t optional = h.optional_offset;
        tight[optional + 60] = 0;
        tight[optional + 61] = TIGHT >> 8;
        tight[h.coff_offset + 2] = 5; /* three more sections, without octets */
        for (size_t i = 2; i < 5; i++) {
                uint8_t *section = tight + h.sections_offset + i * PE_SECTION_HEADER_SIZE;
                memset(section, 0, PE_SECTION_HEADER_SIZE);
                memcpy(section, ".bss", 4);
                section[8] = 16;
                section[13] = (uint8_t)(0x28 + i); /* at 0x2a00, … */
        }
        assert_int_equal(uki_layout_make(tight, stub_len, &parts, l), 0);
        assert_int_equal(pe_headers_parse(l->header, l->header_len, &h), 0);
        assert_int_equal(h.n_sections, 9);
        assert_int_equal(h.size_of_headers, 2 * TIGHT);
        assert_int_equal(pe_section_find(&h, ".text")->raw_offset, 0x1000 + TIGHT);
        assert_int_equal(pe_section_find(&h, ".linux")->raw_offset, piece_offset(l, UKI_KERNEL, 0));

        /* … but not into the first section's memory. */
        tight[h.sections_offset + 12] = 0;
        tight[h.sections_offset + 13] = TIGHT >> 8;
        assert_int_equal(uki_layout_make(tight, stub_len, &parts, l), -ENOSPC);
}

static void refuses_what_is_no_stub(void **state) {
        (void)state;
        CLEANUP(free_at) struct uki_layout *l = malloc(sizeof(*l));
        uint8_t bad[STUB_ROOM];
        struct uki_parts small = parts;

        assert_int_equal(uki_layout_make("not a program", 13, &parts, l), -EBADMSG);
        assert_int_equal(uki_layout_make(stub, 200, &parts, l), -EBADMSG); /* cut in its headers */
        small.stub_size = 0x1000;
        assert_int_equal(uki_layout_make(stub, stub_len, &small, l), -EBADMSG); /* sections beyond the file */
        memcpy(bad, stub, stub_len);
        memcpy(bad + 0xf8, ".linux\0", 8);
        assert_int_equal(uki_layout_make(bad, stub_len, &parts, l), -EBADMSG); /* a UKI already */
        memcpy(bad, stub, stub_len);
        bad[0x58] = 0x0b;
        bad[0x59] = 0x01;
        assert_int_equal(uki_layout_make(bad, stub_len, &parts, l), -EBADMSG); /* 32 bits */

        struct uki_parts huge = parts;
        huge.kernel_size = UINT32_MAX;
        assert_int_equal(uki_layout_make(stub, stub_len, &huge, l), -EFBIG);
        huge.kernel_size = UINT64_MAX;
        assert_int_equal(uki_layout_make(stub, stub_len, &huge, l), -EFBIG);
}

static void fills_the_slot(void **state) {
        (void)state;
        uint8_t slot[UKI_CMDLINE_SLOT];
        char line[UKI_CMDLINE_SLOT + 2];

        assert_int_equal(uki_cmdline_fill("quiet", slot), 5);
        assert_memory_equal(slot, "quiet\0\0", 7);
        assert_int_equal(uki_cmdline_fill("", slot), 1);
        assert_memory_equal(slot, " \0", 2);
        memset(line, 'a', sizeof(line));
        line[UKI_CMDLINE_SLOT] = 0;
        assert_int_equal(uki_cmdline_fill(line, slot), UKI_CMDLINE_SLOT);
        line[UKI_CMDLINE_SLOT] = 'a';
        line[UKI_CMDLINE_SLOT + 1] = 0;
        assert_int_equal(uki_cmdline_fill(line, slot), -E2BIG);
}

static int set_up(void **state) {
        (void)state;
        stub_len = boot_site_stub(stub, sizeof(stub), PE_MACHINE_ARM64);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(headers_and_pieces_agree),
                cmocka_unit_test(the_size_says_nothing_of_the_command_line),
                cmocka_unit_test(a_full_header_grows),
                cmocka_unit_test(refuses_what_is_no_stub),
                cmocka_unit_test(fills_the_slot),
        };
        return cmocka_run_group_tests(tests, set_up, NULL);
}
