/* The list of what may be fetched; see trusted.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/trusted.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/cpio.h"

enum {
        HASHES_MAX = 1024, /* of 500 images and more; a plan's arena has room for a few such lists */
        LINE_SIZE = 2 * SHA256_SIZE + 1, /* in hex, and its end */
        AROUND = 4 * CPIO_HEADER_MAX     /* what an archive has beside the list */
};

static const enum image_role roles[] = { IMAGE_FILE_DISK_MAP, IMAGE_FILE_ROOT_SQUASHFS };

bool boot_trusted_is_due(const struct boot_plan *p) {
        return p->is_in_ramdisk && p->agent && p->machine && p->machine->require_trusted;
}

/* Of its own image; while it has none it may be given any that there is. */
static int each_image(const struct boot_plan *p, int (*fn)(void *ctx, const struct image *image), void *ctx) {
        const struct image *own = p->machine->image[0] ? site_image(p->site, p->machine->image) : NULL;

        return own ? fn(ctx, own) : site_each_image(p->site, fn, ctx);
}

static int count_one(void *ctx, const struct image *image) {
        size_t *n = ctx;

        for (size_t i = 0; i < ARRAY_LEN(roles); i++)
                *n += image_find_role(image, roles[i]) != NULL;
        return 0;
}

static size_t count(const struct boot_plan *p) {
        size_t n = 0;

        (void)each_image(p, count_one, &n);
        return n;
}

static int add(void *ctx, const struct image *image) {
        char **at = ctx;

        for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
                const struct image_file *f = image_find_role(image, roles[i]);
                if (!f)
                        continue;
                (void)text_hex(f->blob.octets, SHA256_SIZE, *at);
                (*at)[LINE_SIZE - 1] = '\n';
                *at += LINE_SIZE;
        }
        return 0;
}

static int compare_lines(const void *a, const void *b) {
        return memcmp(a, b, LINE_SIZE);
}

/* All of them, or none: a part would be as good as chosen by chance. */
static size_t n_named(const struct boot_plan *p) {
        const size_t n = count(p);
        return n <= HASHES_MAX ? n : 0;
}

void boot_trusted_say(struct boot_plan *p) {
        if (p->agent && count(p) > HASHES_MAX)
                boot_plan_say(p,
                              "it has no image, and the site has more than boot.img can name: its agent is "
                              "given one in the boot after it was deployed, not in this one");
}

const uint8_t *boot_trusted_archive(const struct boot_plan *p, size_t *ret_len) {
        const size_t n = n_named(p), len = n * LINE_SIZE;
        CLEANUP(free_at) char *lines = malloc(len + 1);
        uint8_t *octets = arena_alloc(p->arena, len + AROUND);
        char *at = lines;

        if (!lines || !octets)
                return NULL;
        if (n > 0)
                (void)each_image(p, add, &at);
        qsort(lines, n, LINE_SIZE, compare_lines);
        struct writer w = writer_of(octets, len + AROUND);
        cpio_write_entry(&w, 1, "bramble", CPIO_DIRECTORY, 0);
        cpio_write_entry(&w, 2, "bramble/trusted", CPIO_FILE, (uint32_t)len);
        write_octets(&w, lines, len);
        write_zeros(&w, cpio_padding((uint32_t)len));
        cpio_write_end(&w);
        *ret_len = writer_len(&w);
        return w.full ? NULL : octets;
}
