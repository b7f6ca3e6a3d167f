/* An EFI program that ends at once; see efi_exit.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "format/efi_exit.h"

#include <assert.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/writer.h"

enum {
        PE_OFFSET = 0x40,
        OPTIONAL_HEADER_SIZE = 0xf0, /* with all sixteen directories */
        EXECUTABLE_LARGE_ADDRESS = 0x0022,
        PE32_PLUS = 0x020b,
        N_DIRECTORIES = 16,
        SECTION_ALIGN = 4096,
        FILE_ALIGN = 512,
        TEXT_FLAGS = 0x60000020, /* code, to read and to run */
        EFI_APPLICATION = 10,
};

/* What the program is: status 0x800000000000000e, EFI_NOT_FOUND, in the register that results are returned
 * in. */
static const uint8_t code_amd64[] = {
        0x48, 0xb8, 0x0e, 0, 0, 0, 0, 0, 0, 0x80, /* movabs $0x800000000000000e, %rax */
        0xc3                                      /* ret */
};
static const uint8_t code_arm64[] = {
        0xc0, 0x01, 0x80, 0xd2, /* mov x0, #14 */
        0x00, 0x00, 0xf0, 0xf2, /* movk x0, #0x8000, lsl #48 */
        0xc0, 0x03, 0x5f, 0xd6  /* ret */
};

static void put_optional_header(struct writer *w) {
        write_u16le(w, PE32_PLUS);
        write_u16le(w, 0);             /* linker version */
        write_u32le(w, FILE_ALIGN);    /* of code */
        write_zeros(w, 8);             /* of data */
        write_u32le(w, SECTION_ALIGN); /* where it begins to run */
        write_u32le(w, SECTION_ALIGN); /* where code begins */
        write_zeros(w, 8);             /* where it would like to lie: anywhere */
        write_u32le(w, SECTION_ALIGN);
        write_u32le(w, FILE_ALIGN);
        write_zeros(w, 16); /* versions */
        write_u32le(w, 2 * SECTION_ALIGN);
        write_u32le(w, FILE_ALIGN); /* of the headers */
        write_u32le(w, 0);          /* checksum, which EFI does not look at */
        write_u16le(w, EFI_APPLICATION);
        write_u16le(w, 0);
        write_zeros(w, 36); /* stack, heap, flags */
        write_u32le(w, N_DIRECTORIES);
        write_zeros(w, N_DIRECTORIES * 8);
}

void efi_exit_make(enum pe_machine machine, uint8_t ret[static EFI_EXIT_SIZE]) {
        const uint8_t *code = machine == PE_MACHINE_ARM64 ? code_arm64 : code_amd64;
        size_t len = machine == PE_MACHINE_ARM64 ? sizeof(code_arm64) : sizeof(code_amd64);
        struct writer w = writer_of(ret, EFI_EXIT_SIZE);

        write_octets(&w, "MZ", 2);
        write_zeros(&w, 0x3c - 2);
        write_u32le(&w, PE_OFFSET);
        write_octets(&w, "PE\0", 4);
        write_u16le(&w, (uint16_t)machine);
        write_u16le(&w, 1);  /* section */
        write_zeros(&w, 12); /* time, symbols */
        write_u16le(&w, OPTIONAL_HEADER_SIZE);
        write_u16le(&w, EXECUTABLE_LARGE_ADDRESS);
        put_optional_header(&w);

        write_octets(&w, ".text\0\0", 8);
        write_u32le(&w, (uint32_t)len);
        write_u32le(&w, SECTION_ALIGN);
        write_u32le(&w, FILE_ALIGN);
        write_u32le(&w, FILE_ALIGN);
        write_zeros(&w, 12);
        write_u32le(&w, TEXT_FLAGS);
        write_zeros(&w, FILE_ALIGN - writer_len(&w));
        write_octets(&w, code, len);
        write_zeros(&w, writer_left(&w));
        assert(!w.full);
}
