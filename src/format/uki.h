/*
 * The layout of a unified kernel image: systemd's EFI stub with kernel, initrd and command line as further
 * sections.
 *
 * Pure layout: what comes out is a patched header and a list of pieces, each where it already lies; nothing
 * large is read or copied. The command line has a section of fixed size, so that the file's size says nothing
 * of its content. Nothing here is signed: firmware with Secure Boot on refuses the result. Source: UAPI group
 * specification "Unified Kernel Image"; systemd-stub(7); PE format specification. Stubs of systemd 252 and
 * later, x64 and arm64.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "format/pe.h"

enum {
        UKI_CMDLINE_SLOT = 4096, /* octets of the file that the .cmdline section takes */
        UKI_PIECES_MAX = 48,
        UKI_INITRDS_MAX = 18
};

enum uki_source {
        UKI_HEADER,  /* uki_layout's header */
        UKI_STUB,    /* the stub's file */
        UKI_OSREL,   /* os-release text */
        UKI_CMDLINE, /* UKI_CMDLINE_SLOT octets */
        UKI_INITRD,  /* initrd number @index */
        UKI_KERNEL,
        UKI_ZEROS /* padding */
};

/* One piece of the file, in order; lengths may be zero. */
struct uki_piece {
        enum uki_source source;
        unsigned index;  /* UKI_INITRD */
        uint64_t offset; /* in its source */
        uint64_t len;
};

/* What goes in, by size alone. */
struct uki_parts {
        uint64_t stub_size, osrel_size, kernel_size;
        uint32_t cmdline_len; /* at most UKI_CMDLINE_SLOT; a stub takes the firmware's options for an empty
                                 line, so give one space */
        uint64_t initrd_sizes[UKI_INITRDS_MAX]; /* joined: each begins at a multiple of four, as the kernel
                                                   wants it */
        size_t n_initrds;
};

struct uki_layout {
        uint8_t header[PE_HEADERS_MAX];
        size_t header_len;
        struct uki_piece pieces[UKI_PIECES_MAX];
        size_t n_pieces;
        uint64_t size; /* octets of the whole file */
};

/**
 * uki_layout_make() - where everything goes
 * @stub:       the first octets of the stub: all of its headers, or the whole file
 * @parts:      sizes of what goes in
 * @ret:        large: keep it off the stack of a thread that has little
 *
 * Return: 0; -EBADMSG when the stub is none that can be used (no PE program, or it has a kernel in it
 * already); -ENOSPC when its header has no room for more sections; -EFBIG when the file would not fit into a
 * PE program (4 GiB).
 */
MUST_CHECK int uki_layout_make(const void *stub, size_t stub_len, const struct uki_parts *parts,
                               struct uki_layout *ret);

/** uki_cmdline_fill() - a command line in its slot: the line, then spaces, no NUL; 0, or -E2BIG when it does
 * not fit. */
MUST_CHECK int uki_cmdline_fill(const char *cmdline, uint8_t slot[static UKI_CMDLINE_SLOT]);
