/* The UKI of a plan: stub, os-release, command line, initrd and kernel as one boot file, nothing put
 * together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/boot/method.h"
#include "format/cmdline.h"
#include "format/uki.h"

enum { ZEROS_SIZE = 4096, HEADER_USUAL = 4096 };

static_assert((int)BOOT_INITRD_PARTS <= (int)UKI_INITRDS_MAX, "whatever a kernel is given, a UKI can hold");
static_assert((int)UKI_PIECES_MAX <= (int)BOOT_FILE_SEGMENTS_MAX, "a UKI is one boot file");

static const uint8_t zeros[ZEROS_SIZE];

/* Everything that pieces are taken from. */
struct uki_parts_open {
        struct blob *stub, *kernel;
        struct boot_initrd initrd;
        uint8_t cmdline[UKI_CMDLINE_SLOT];
        char osrel[256];
        struct uki_parts parts;
        struct uki_layout layout;
};

static void parts_free(struct uki_parts_open *o) {
        if (!o)
                return;
        blob_drop(o->stub);
        blob_drop(o->kernel);
        boot_initrd_close(&o->initrd);
        free(o);
}
DEFINE_CLEANUP(struct uki_parts_open, parts_free)

bool boot_uki_is_possible(const struct boot_plan *p) {
        struct boot_kernel k;
        return boot_plan_role(p, IMAGE_FILE_EFI_STUB) && boot_kernel_of(p, &k);
}

const char *boot_uki_name(const struct boot_plan *p) {
        return arena_printf(p->arena, "%s.efi", boot_plan_name(p));
}

static int open_blob(const struct blob_source *blobs, const struct image_file *f, struct blob **ret) {
        int error = -EIO;
        *ret = blobs->open(blobs->ctx, &f->blob, &error);
        return *ret ? 0 : error;
}

static int open_parts(const struct boot_plan *p, const struct blob_source *blobs, struct uki_parts_open *o) {
        char line[CMDLINE_MAX + 1];
        struct boot_kernel k;

        if (!boot_kernel_of(p, &k))
                return -ENOENT;
        int n = boot_kernel_cmdline(p, NULL, line, sizeof(line));
        if (n < 0)
                return n;
        n = uki_cmdline_fill(line, o->cmdline);
        if (n < 0)
                return n;
        (void)snprintf(o->osrel, sizeof(o->osrel), "ID=bramble\nNAME=\"%s\"\nPRETTY_NAME=\"%s (image %s)\"\n",
                       p->image->name, boot_plan_name(p), p->image->name);

        int r = open_blob(blobs, boot_plan_role(p, IMAGE_FILE_EFI_STUB), &o->stub);
        if (r == 0)
                r = open_blob(blobs, k.kernel, &o->kernel);
        if (r == 0)
                r = boot_initrd_open(p, blobs, boot_plan_role(p, IMAGE_FILE_INITRD), &o->initrd);
        if (r < 0)
                return r;
        o->parts = (struct uki_parts){
                .stub_size = o->stub->size,
                .osrel_size = strlen(o->osrel),
                .kernel_size = o->kernel->size,
                .cmdline_len = (uint32_t)n,
                .n_initrds = o->initrd.n,
        };
        for (size_t i = 0; i < o->initrd.n; i++)
                o->parts.initrd_sizes[i] = o->initrd.parts[i].len;
        return 0;
}

/* Headers of stubs have 1 or 4 KiB; a longer one is read when the short look was not enough. */
static int lay_out(struct uki_parts_open *o) {
        CLEANUP(free_at) uint8_t *header = malloc(PE_HEADERS_MAX);
        int r = -EBADMSG;

        if (!header)
                return -ENOMEM;
        for (size_t size = HEADER_USUAL; r == -EBADMSG && size <= PE_HEADERS_MAX; size *= 16) {
                size_t len = o->stub->size < size ? o->stub->size : size;
                int read = o->stub->read(o->stub, 0, header, len);
                if (read < 0)
                        return read;
                r = uki_layout_make(header, len, &o->parts, &o->layout);
        }
        return r;
}

static struct boot_segment segment_of(struct uki_parts_open *o, const struct uki_piece *piece) {
        struct boot_segment s = { .offset = piece->offset, .len = piece->len };

        switch (piece->source) {
        case UKI_HEADER:
                s.octets = o->layout.header;
                break;
        case UKI_OSREL:
                s.octets = (const uint8_t *)o->osrel;
                break;
        case UKI_CMDLINE:
                s.octets = o->cmdline;
                break;
        case UKI_ZEROS:
                s.octets = zeros;
                break;
        case UKI_STUB:
                s.blob = o->stub;
                break;
        case UKI_INITRD:
                s = o->initrd.parts[piece->index];
                break;
        case UKI_KERNEL:
                s.blob = o->kernel;
                break;
        }
        return s;
}

int boot_uki_make(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        struct boot_segment segments[UKI_PIECES_MAX];
        CLEANUP(parts_free_at) struct uki_parts_open *o = calloc(1, sizeof(*o));

        if (!o)
                return -ENOMEM;
        int r = open_parts(p, blobs, o);
        if (r == 0)
                r = lay_out(o);
        if (r < 0)
                return r;
        for (size_t i = 0; i < o->layout.n_pieces; i++) {
                const struct uki_piece *piece = &o->layout.pieces[i];
                if (piece->source == UKI_ZEROS && piece->len > ZEROS_SIZE)
                        return -EBADMSG;
                segments[i] = segment_of(o, piece);
        }
        *ret = boot_file_new(segments, o->layout.n_pieces);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}
