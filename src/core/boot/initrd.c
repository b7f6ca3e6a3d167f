/* The initrd of a plan: the image's own, and behind it more modules and the agent; nothing is put together.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "core/boot/method.h"
#include "core/boot/trusted.h"

/*
 * Between two archives. The kernel wants the second at a multiple of four (initramfs.c, this_header), and its
 * LZ4 reader takes what follows for the size of one more block unless it is zero.
 */
enum { GAP_MIN = 4, ALIGN = 4 };
static const uint8_t gap[GAP_MIN + ALIGN - 1];

static uint64_t gap_behind(uint64_t size) {
        uint64_t behind = size % ALIGN;
        return GAP_MIN + (behind ? ALIGN - behind : 0);
}

static void add_gap(struct boot_initrd *i) {
        uint64_t len = gap_behind(i->size);

        if (i->n == 0)
                return;
        i->parts[i->n++] = (struct boot_segment){ .octets = gap, .len = len };
        i->size += len;
}

/* One more archive, behind a gap where something lies before it. */
static int add_archive(struct boot_initrd *i, const struct blob_source *blobs, const struct image_file *f) {
        int error = -EIO;
        struct blob *blob = blobs->open(blobs->ctx, &f->blob, &error);

        if (!blob)
                return error;
        add_gap(i);
        i->parts[i->n++] = (struct boot_segment){ .blob = blob, .len = blob->size };
        i->size += blob->size;
        return 0;
}

/* What of the kernel's modules its own initrd may lack. */
static int add_modules(const struct boot_plan *p, const struct blob_source *blobs, struct boot_initrd *ret) {
        int r = 0;

        for (size_t i = 0, n = 0; r == 0 && i < p->image->n_files && n < BOOT_MODULES_MAX; i++) {
                if (p->image->files[i].role != IMAGE_FILE_MODULES)
                        continue;
                r = add_archive(ret, blobs, &p->image->files[i]);
                n++;
        }
        return r;
}

static int add_trusted(const struct boot_plan *p, struct boot_initrd *i) {
        size_t len = 0;
        const uint8_t *octets = boot_trusted_archive(p, &len);

        if (!octets)
                return -ENOMEM;
        add_gap(i);
        i->parts[i->n++] = (struct boot_segment){ .octets = octets, .len = len };
        i->size += len;
        return 0;
}

int boot_initrd_open(const struct boot_plan *p, const struct blob_source *blobs, const struct image_file *own,
                     struct boot_initrd *ret) {
        *ret = (struct boot_initrd){};
        int r = own ? add_archive(ret, blobs, own) : 0;
        if (r < 0 || !p->agent)
                return r;
        r = add_modules(p, blobs, ret);
        if (r == 0)
                r = add_archive(ret, blobs, p->agent);
        return r == 0 && boot_trusted_is_due(p) ? add_trusted(p, ret) : r;
}

static void count(const struct image_file *f, uint64_t *size) {
        *size += (*size ? gap_behind(*size) : 0) + f->size;
}

uint64_t boot_initrd_size(const struct boot_plan *p, const struct image_file *own) {
        uint64_t size = 0;

        if (own)
                count(own, &size);
        if (!p->agent)
                return size;
        for (size_t i = 0, n = 0; i < p->image->n_files && n < BOOT_MODULES_MAX; i++) {
                if (p->image->files[i].role != IMAGE_FILE_MODULES)
                        continue;
                count(&p->image->files[i], &size);
                n++;
        }
        count(p->agent, &size);
        return size;
}

void boot_initrd_close(struct boot_initrd *i) {
        for (size_t n = 0; n < i->n; n++)
                blob_drop(i->parts[n].blob);
        i->n = 0;
}

int boot_initrd_lay_over(const struct boot_plan *p, const struct image_file *own,
                         const struct blob_source *blobs, struct boot_file **ret) {
        CLEANUP(boot_initrd_close) struct boot_initrd initrd;

        int r = boot_initrd_open(p, blobs, own, &initrd);
        if (r < 0)
                return r;
        *ret = boot_file_new(initrd.parts, initrd.n);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

int boot_initrd_make(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        return boot_initrd_lay_over(p, boot_plan_role(p, IMAGE_FILE_INITRD), blobs, ret);
}
