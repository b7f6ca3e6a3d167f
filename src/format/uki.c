/* Unified kernel images; see uki.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/writer.h"
#include "format/uki.h"

enum {
        COFF_N_SECTIONS = 2,
        COFF_SYMBOLS = 8, /* offset and count of a symbol table that we do not take along */
        OPTIONAL_SIZE_OF_IMAGE = 56,
        OPTIONAL_SIZE_OF_HEADERS = 60,
        OPTIONAL_CHECKSUM = 64,
        OPTIONAL_DIRECTORIES = 112,
        DIRECTORY_CERTIFICATES = 4,
        SECTION_RAW_OFFSET = 20,
        INITRD_ALIGN = 4,
        ADDED_SECTIONS = 4,
        /* A stub needs an aligned address for what it hands on: pages, whatever the stub's own alignment is.
         */
        PAGE = 4096
};

/* A section that is added, and what fills it. */
struct added {
        const char *name;
        uint64_t size; /* in memory */
        uint32_t flags;
        uint64_t raw_size; /* in the file, where it is more than that; else 0 */
};

struct maker {
        const struct uki_parts *parts;
        struct pe_headers pe;
        struct uki_layout *out;
        uint32_t header_len;   /* of the new file */
        uint64_t stub_end;     /* end of the stub's sections in its own file */
        uint64_t shift;        /* by which the stub's sections move in the file */
        uint64_t next_address; /* for the next section */
};

static uint64_t align(uint64_t n, uint64_t to) {
        return (n + to - 1) / to * to;
}

static void put_u16(uint8_t *at, uint16_t v) {
        struct writer w = writer_of(at, 2);
        write_u16le(&w, v);
}

static void put_u32(uint8_t *at, uint32_t v) {
        struct writer w = writer_of(at, 4);
        write_u32le(&w, v);
}

static uint64_t initrds_size(const struct uki_parts *parts) {
        uint64_t size = 0;
        for (size_t i = 0; i < parts->n_initrds; i++)
                size = align(size, INITRD_ALIGN) + parts->initrd_sizes[i];
        return size;
}

static void add_piece(struct uki_layout *out, struct uki_piece piece) {
        if (piece.len == 0)
                return;
        out->pieces[out->n_pieces++] = piece;
        out->size += piece.len;
}

static void add_padding(struct uki_layout *out, uint64_t to) {
        add_piece(out, (struct uki_piece){ .source = UKI_ZEROS, .len = align(out->size, to) - out->size });
}

/* Where the stub's own sections end, in the file and in memory. */
static int measure_stub(struct maker *m) {
        uint64_t address_end = m->pe.size_of_headers;
        uint64_t first = UINT64_MAX;

        m->stub_end = m->pe.size_of_headers;
        for (size_t i = 0; i < m->pe.n_sections; i++) {
                const struct pe_section *s = &m->pe.sections[i];
                uint64_t raw_end = (uint64_t)s->raw_offset + s->raw_size;
                uint64_t size = s->virtual_size > s->raw_size ? s->virtual_size : s->raw_size;

                if (s->raw_size && (raw_end > m->parts->stub_size || s->raw_offset < m->pe.size_of_headers))
                        return -EBADMSG;
                if (raw_end > m->stub_end)
                        m->stub_end = raw_end;
                if (s->virtual_address + size > address_end)
                        address_end = s->virtual_address + size;
                if (s->virtual_address < first)
                        first = s->virtual_address;
        }
        if (m->stub_end > m->parts->stub_size)
                return -EBADMSG;

        /* The loader maps the header too: it may grow as far as the first section, and no further. */
        uint64_t table_end =
                m->pe.sections_offset + (m->pe.n_sections + ADDED_SECTIONS) * PE_SECTION_HEADER_SIZE;
        uint64_t header_len = m->pe.size_of_headers;
        if (table_end > header_len)
                header_len = align(table_end, m->pe.file_alignment);
        if (header_len > first || header_len > PE_HEADERS_MAX ||
            m->pe.n_sections + ADDED_SECTIONS > PE_SECTIONS_MAX)
                return -ENOSPC;
        m->header_len = (uint32_t)header_len;
        m->shift = header_len - m->pe.size_of_headers;
        m->next_address = address_end;
        return 0;
}

static void put_section(struct maker *m, size_t index, const struct added *a, uint32_t address,
                        uint32_t raw_offset, uint32_t raw_size) {
        uint8_t *at = m->out->header + m->pe.sections_offset + index * PE_SECTION_HEADER_SIZE;
        struct writer w = writer_of(at, PE_SECTION_HEADER_SIZE);
        char name[8] = "";

        memcpy(name, a->name, strnlen(a->name, sizeof(name)));
        write_octets(&w, name, sizeof(name));
        write_u32le(&w, (uint32_t)a->size);
        write_u32le(&w, address);
        write_u32le(&w, raw_size);
        write_u32le(&w, raw_offset);
        write_zeros(&w, 12);
        write_u32le(&w, a->flags);
}

/* Gives a section its place behind everything so far; its pieces are added by the caller. */
static int add_section(struct maker *m, size_t index, const struct added *a) {
        uint64_t unit = m->pe.section_alignment > PAGE ? m->pe.section_alignment : PAGE;
        uint64_t address = align(m->next_address, unit);
        uint64_t raw_size = align(a->raw_size ? a->raw_size : a->size, m->pe.file_alignment);

        if (address + raw_size > UINT32_MAX || m->out->size + raw_size > UINT32_MAX)
                return -EFBIG;
        put_section(m, index, a, (uint32_t)address, (uint32_t)m->out->size, (uint32_t)raw_size);
        m->next_address = address + raw_size;
        return 0;
}

static void patch_header(struct maker *m) {
        uint8_t *header = m->out->header;
        uint8_t *optional = header + m->pe.optional_offset;

        put_u16(header + m->pe.coff_offset + COFF_N_SECTIONS, (uint16_t)(m->pe.n_sections + ADDED_SECTIONS));
        memset(header + m->pe.coff_offset + COFF_SYMBOLS, 0, 8);
        put_u32(optional + OPTIONAL_SIZE_OF_IMAGE, (uint32_t)align(m->next_address, m->pe.section_alignment));
        put_u32(optional + OPTIONAL_SIZE_OF_HEADERS, m->header_len);
        /* EFI does not look at the checksum; a wrong one is worse than none. */
        put_u32(optional + OPTIONAL_CHECKSUM, 0);
        /* A signature of the stub holds for the stub alone. */
        if (m->pe.n_directories > DIRECTORY_CERTIFICATES)
                memset(optional + OPTIONAL_DIRECTORIES + 8 * DIRECTORY_CERTIFICATES, 0, 8);
        for (size_t i = 0; m->shift && i < m->pe.n_sections; i++) {
                const struct pe_section *s = &m->pe.sections[i];
                if (s->raw_size)
                        put_u32(header + m->pe.sections_offset + i * PE_SECTION_HEADER_SIZE +
                                        SECTION_RAW_OFFSET,
                                (uint32_t)(s->raw_offset + m->shift));
        }
}

static void add_initrds(struct maker *m) {
        uint64_t start = m->out->size;

        for (size_t i = 0; i < m->parts->n_initrds; i++) {
                uint64_t behind = m->out->size - start;
                add_piece(m->out, (struct uki_piece){ .source = UKI_ZEROS,
                                                      .len = align(behind, INITRD_ALIGN) - behind });
                add_piece(m->out, (struct uki_piece){ .source = UKI_INITRD,
                                                      .index = (unsigned)i,
                                                      .len = m->parts->initrd_sizes[i] });
        }
}

/* The kernel comes last: an old one that is started in place unpacks itself over what lies behind it. */
static int add_sections(struct maker *m) {
        const struct uki_parts *parts = m->parts;
        const struct added sections[ADDED_SECTIONS] = {
                { ".osrel", parts->osrel_size, PE_SECTION_DATA | PE_SECTION_READ, 0 },
                { ".cmdline", parts->cmdline_len, PE_SECTION_DATA | PE_SECTION_READ, UKI_CMDLINE_SLOT },
                { ".initrd", initrds_size(parts), PE_SECTION_DATA | PE_SECTION_READ, 0 },
                { ".linux", parts->kernel_size, PE_SECTION_CODE | PE_SECTION_READ, 0 },
        };
        const struct uki_piece pieces[ADDED_SECTIONS] = {
                { .source = UKI_OSREL, .len = parts->osrel_size },
                { .source = UKI_CMDLINE, .len = UKI_CMDLINE_SLOT },
                { .source = UKI_INITRD },
                { .source = UKI_KERNEL, .len = parts->kernel_size },
        };

        for (size_t i = 0; i < ADDED_SECTIONS; i++) {
                int r = add_section(m, m->pe.n_sections + i, &sections[i]);
                if (r < 0)
                        return r;
                if (pieces[i].source == UKI_INITRD)
                        add_initrds(m);
                else
                        add_piece(m->out, pieces[i]);
                add_padding(m->out, m->pe.file_alignment);
        }
        return 0;
}

int uki_layout_make(const void *stub, size_t stub_len, const struct uki_parts *parts,
                    struct uki_layout *ret) {
        struct maker m = { .parts = parts, .out = ret };
        uint64_t total = parts->kernel_size;

        if (parts->cmdline_len > UKI_CMDLINE_SLOT || parts->n_initrds > UKI_INITRDS_MAX ||
            parts->osrel_size > UINT32_MAX || parts->kernel_size > UINT32_MAX)
                return -EFBIG;
        for (size_t i = 0; i < parts->n_initrds; i++) {
                if (parts->initrd_sizes[i] > UINT32_MAX)
                        return -EFBIG;
                total += parts->initrd_sizes[i];
        }
        if (total > UINT32_MAX || parts->stub_size > UINT32_MAX)
                return -EFBIG;
        if (pe_headers_parse(stub, stub_len, &m.pe) < 0 || m.pe.size_of_headers > stub_len ||
            pe_section_find(&m.pe, ".linux") || pe_section_find(&m.pe, ".cmdline"))
                return -EBADMSG;
        int r = measure_stub(&m);
        if (r < 0)
                return r;

        ret->n_pieces = 0;
        ret->size = 0;
        ret->header_len = m.header_len;
        memset(ret->header, 0, m.header_len);
        memcpy(ret->header, stub, m.pe.size_of_headers);
        add_piece(ret, (struct uki_piece){ .source = UKI_HEADER, .len = m.header_len });
        add_piece(ret, (struct uki_piece){ .source = UKI_STUB,
                                           .offset = m.pe.size_of_headers,
                                           .len = m.stub_end - m.pe.size_of_headers });
        add_padding(ret, m.pe.file_alignment);
        r = add_sections(&m);
        if (r < 0)
                return r;
        if (align(m.next_address, m.pe.section_alignment) > UINT32_MAX)
                return -EFBIG;
        patch_header(&m);
        return 0;
}

int uki_cmdline_fill(const char *cmdline, uint8_t slot[static UKI_CMDLINE_SLOT]) {
        size_t len = strlen(cmdline);
        if (len > UKI_CMDLINE_SLOT)
                return -E2BIG;
        memset(slot, 0, UKI_CMDLINE_SLOT);
        slot[0] = ' ';
        memcpy(slot, cmdline, len);
        return len ? (int)len : 1;
}
