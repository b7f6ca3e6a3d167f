/* PE headers; see pe.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/reader.h"
#include "format/pe.h"

enum {
        DOS_PE_OFFSET = 0x3c,
        PE32_PLUS = 0x20b,
        COFF_SIZE = 20,
        OPTIONAL_FIXED_SIZE = 112 /* of PE32+, before the data directories */
};

static bool is_power_of_two(uint32_t n) {
        return n && (n & (n - 1)) == 0;
}

static void read_section(struct reader *r, struct pe_section *s) {
        const uint8_t *name = read_octets(r, 8);
        if (name)
                memcpy(s->name, name, 8);
        s->virtual_size = read_u32le(r);
        s->virtual_address = read_u32le(r);
        s->raw_size = read_u32le(r);
        s->raw_offset = read_u32le(r);
        (void)read_octets(r, 12); /* relocations and line numbers: none in a program */
        s->flags = read_u32le(r);
}

/* The optional header, which is not optional in a program. */
static void read_optional(struct reader *r, struct pe_headers *h) {
        if (read_u16le(r) != PE32_PLUS)
                r->bad = true;
        (void)read_octets(r, 30);
        h->section_alignment = read_u32le(r);
        h->file_alignment = read_u32le(r);
        (void)read_octets(r, 16);
        h->size_of_image = read_u32le(r);
        h->size_of_headers = read_u32le(r);
        (void)read_octets(r, 44);
        h->n_directories = read_u32le(r);
}

static bool holds_together(const struct pe_headers *h, uint16_t optional_size) {
        if (!is_power_of_two(h->section_alignment) || !is_power_of_two(h->file_alignment) ||
            h->file_alignment > PE_HEADERS_MAX || h->n_sections == 0 || h->n_sections > PE_SECTIONS_MAX)
                return false;
        if (h->n_directories > 16 || optional_size < OPTIONAL_FIXED_SIZE + 8 * h->n_directories)
                return false;
        size_t table_end = h->sections_offset + h->n_sections * PE_SECTION_HEADER_SIZE;
        return h->size_of_headers >= table_end && h->size_of_headers <= PE_HEADERS_MAX;
}

int pe_headers_parse(const void *data, size_t len, struct pe_headers *ret) {
        struct reader r = reader_of(data, len);
        struct pe_headers h = {};

        const uint8_t *dos = read_octets(&r, DOS_PE_OFFSET);
        uint32_t pe_offset = read_u32le(&r);
        if (!dos || memcmp(dos, "MZ", 2) != 0 || pe_offset >= PE_HEADERS_MAX)
                return -EBADMSG;
        r = reader_of(data, len);
        (void)read_octets(&r, pe_offset);
        const uint8_t *signature = read_octets(&r, 4);
        if (!signature || memcmp(signature, "PE\0", 4) != 0)
                return -EBADMSG;

        h.coff_offset = (size_t)pe_offset + 4;
        h.optional_offset = h.coff_offset + COFF_SIZE;
        h.machine = read_u16le(&r);
        h.n_sections = read_u16le(&r);
        (void)read_octets(&r, 12);
        uint16_t optional_size = read_u16le(&r);
        (void)read_u16le(&r);
        h.sections_offset = h.optional_offset + optional_size;
        read_optional(&r, &h);
        if (r.bad || !holds_together(&h, optional_size))
                return -EBADMSG;

        r = reader_of(data, len);
        (void)read_octets(&r, h.sections_offset);
        for (size_t i = 0; i < h.n_sections; i++)
                read_section(&r, &h.sections[i]);
        if (r.bad)
                return -EBADMSG;
        *ret = h;
        return 0;
}

const struct pe_section *pe_section_find(const struct pe_headers *h, const char *name) {
        for (size_t i = 0; i < h->n_sections; i++) {
                if (strcmp(h->sections[i].name, name) == 0)
                        return &h->sections[i];
        }
        return NULL;
}
