/* The list of what may be fetched; see trusted.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/trusted.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/cpio.h"

enum {
        HASHES_MAX = 128, /* more images than these have to be chosen before a machine boots for them */
        LINE_SIZE = 2 * SHA256_SIZE + 1,
        ARCHIVE_MAX = HASHES_MAX * LINE_SIZE + 4 * CPIO_HEADER_MAX
};

struct hashes {
        const struct boot_plan *plan;
        char lines[HASHES_MAX][LINE_SIZE];
        size_t n;
};

bool boot_trusted_is_due(const struct boot_plan *p) {
        return p->is_in_ramdisk && p->agent && p->machine && p->machine->require_trusted;
}

static int add(void *ctx, const struct image *image) {
        static const enum image_role roles[] = { IMAGE_FILE_DISK_MAP, IMAGE_FILE_ROOT_SQUASHFS };
        struct hashes *h = ctx;

        for (size_t i = 0; i < ARRAY_LEN(roles) && h->n < HASHES_MAX; i++) {
                const struct image_file *f = image_find_role(image, roles[i]);
                if (f)
                        (void)text_hex(f->blob.octets, SHA256_SIZE, h->lines[h->n++]);
        }
        return 0;
}

static int compare_lines(const void *a, const void *b) {
        return strcmp(a, b);
}

/* Of its own image; while it has none it may be given any that there is. */
static void collect(struct hashes *h) {
        const struct machine *m = h->plan->machine;
        const struct image *own = m->image[0] ? site_image(h->plan->site, m->image) : NULL;

        if (own)
                (void)add(h, own);
        else
                (void)site_each_image(h->plan->site, add, h);
        qsort(h->lines, h->n, LINE_SIZE, compare_lines);
}

const uint8_t *boot_trusted_archive(const struct boot_plan *p, size_t *ret_len) {
        struct hashes *h = arena_alloc(p->arena, sizeof(*h));
        uint8_t *octets = arena_alloc(p->arena, ARCHIVE_MAX);

        if (!h || !octets)
                return NULL;
        h->plan = p;
        collect(h);
        struct writer w = writer_of(octets, ARCHIVE_MAX);
        const uint32_t size = (uint32_t)(h->n * LINE_SIZE);
        cpio_write_entry(&w, 1, "bramble", CPIO_DIRECTORY, 0);
        cpio_write_entry(&w, 2, "bramble/trusted", CPIO_FILE, size);
        for (size_t i = 0; i < h->n; i++) {
                write_octets(&w, h->lines[i], LINE_SIZE - 1);
                write_u8(&w, '\n');
        }
        write_zeros(&w, cpio_padding(size));
        cpio_write_end(&w);
        *ret_len = writer_len(&w);
        return w.full ? NULL : octets;
}
