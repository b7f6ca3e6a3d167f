/*
 * The headers of a PE program, as EFI has them (reader only).
 *
 * Source: Microsoft PE format specification, revision 11; UEFI specification 2.10 section 2.1.1. Only PE32+.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum {
        PE_SECTIONS_MAX = 96,   /* the specification's own limit */
        PE_HEADERS_MAX = 65536, /* octets of a header: real ones have 512 to 4096 */
        PE_SECTION_HEADER_SIZE = 40
};

enum pe_machine {
        PE_MACHINE_AMD64 = 0x8664,
        PE_MACHINE_ARM64 = 0xaa64,
        PE_MACHINE_I386 = 0x014c,
        PE_MACHINE_ARM = 0x01c2
};

enum { PE_SECTION_CODE = 0x20, PE_SECTION_DATA = 0x40, PE_SECTION_READ = 0x40000000 };

struct pe_section {
        char name[9]; /* NUL-terminated */
        uint32_t virtual_size, virtual_address;
        uint32_t raw_size, raw_offset; /* in the file */
        uint32_t flags;
};

struct pe_headers {
        uint16_t machine; /* enum pe_machine, or another */
        uint32_t section_alignment, file_alignment;
        uint32_t size_of_image, size_of_headers;
        /* Where in the file the fields lie that a change must patch. */
        size_t coff_offset, optional_offset, sections_offset;
        uint32_t n_directories;
        size_t n_sections;
        struct pe_section sections[PE_SECTIONS_MAX];
};

/**
 * pe_headers_parse() - read the headers at the start of a program
 * @data:       the file, or so much of it that all headers are in it
 *
 * Return: 0, or -EBADMSG when it is no PE32+ program or its headers do not hold together.
 */
MUST_CHECK int pe_headers_parse(const void *data, size_t len, struct pe_headers *ret);

/** pe_section_find() - by name; NULL when there is none. */
const struct pe_section *pe_section_find(const struct pe_headers *h, const char *name);
