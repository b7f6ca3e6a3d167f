/* boot.img and boot.sig; see pi_ramdisk.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/boot/pi_ramdisk.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "core/boot/methods.h"
#include "core/boot/pi_tree.h"
#include "core/machine/board.h"
#include "format/fat_image.h"

/*
 * Smaller files are copied into memory, with what lies between: overlays are many, and an open blob for each
 * would cost more than their octets.
 */
enum { SMALL_MAX = 16 * 1024 };

#define LABEL "BOOT"

static const uint8_t zeros[4096];

struct tree {
        size_t n;
        struct boot_file *open[FAT_IMAGE_FILES_MAX];
        struct fat_image_file files[FAT_IMAGE_FILES_MAX];
};

static void tree_free(struct tree *t) {
        for (size_t i = 0; t && i < t->n; i++)
                boot_file_drop(t->open[i]);
        free(t);
}
DEFINE_CLEANUP(struct tree, tree_free)

static int add(void *ctx, const char *path, struct boot_file *file) {
        struct tree *t = ctx;

        if (t->n == FAT_IMAGE_FILES_MAX)
                return -EMFILE;
        t->open[t->n] = boot_file_take(file);
        t->files[t->n++] = (struct fat_image_file){ .path = path, .size = file->size };
        return 0;
}

/* ---- the volume ---- */

/* Segments as they are found; what lies in memory between two blobs becomes one. */
struct volume {
        struct boot_segment segments[BOOT_FILE_SEGMENTS_MAX];
        size_t n;
        struct text memory; /* all of it; segments that are in memory have no octets yet */
        int error;
};

static void volume_free(struct volume *v) {
        if (v)
                text_free(&v->memory);
        free(v);
}
DEFINE_CLEANUP(struct volume, volume_free)

static void put_segment(struct volume *v, const struct boot_segment *s) {
        if (v->n == BOOT_FILE_SEGMENTS_MAX)
                v->error = -EMFILE;
        else
                v->segments[v->n++] = *s;
}

static void put_octets(struct volume *v, const void *octets, uint64_t len) {
        if (len == 0)
                return;
        text_append_octets(&v->memory, octets, (size_t)len);
        if (v->n > 0 && !v->segments[v->n - 1].blob)
                v->segments[v->n - 1].len += len;
        else
                put_segment(v, &(struct boot_segment){ .len = len });
}

static void put_zeros(struct volume *v, uint64_t len) {
        for (uint64_t n; len > 0; len -= n) {
                n = len < sizeof(zeros) ? len : sizeof(zeros);
                put_octets(v, zeros, n);
        }
}

static void put_small(struct volume *v, const struct boot_file *file) {
        uint8_t octets[SMALL_MAX];
        int64_t n = boot_file_read(file, 0, octets, (size_t)file->size);

        if (n != (int64_t)file->size)
                v->error = n < 0 ? (int)n : -EIO;
        else
                put_octets(v, octets, file->size);
}

static void put_file(struct volume *v, const struct boot_file *file) {
        if (file->size <= SMALL_MAX) {
                put_small(v, file);
                return;
        }
        for (size_t i = 0; i < file->n_segments; i++) {
                const struct boot_segment *s = &file->segments[i];
                if (s->blob)
                        put_segment(v, s);
                else
                        put_octets(v, s->octets, s->len);
        }
}

static int put_head(struct volume *v, struct fat_image *layout, const struct tree *t) {
        CLEANUP(free_at) uint8_t *head = malloc(layout->head_size);

        if (!head)
                return -ENOMEM;
        fat_image_write_head(layout, t->files, t->n, LABEL, head);
        put_octets(v, head, layout->head_size);
        return 0;
}

static int join(struct volume *v, struct boot_file **ret) {
        const uint8_t *at = (const uint8_t *)v->memory.octets;

        if (v->memory.failed)
                return -ENOMEM;
        if (v->error < 0)
                return v->error;
        for (size_t i = 0; i < v->n; i++) {
                if (v->segments[i].blob)
                        continue;
                v->segments[i].octets = at;
                at += v->segments[i].len;
        }
        *ret = boot_file_new(v->segments, v->n);
        return *ret ? BOOT_FILE_FOUND : -ENOMEM;
}

/* -errno as boot_plan_why() knows it. */
static int lay_out(const struct fat_image_file *files, size_t n, struct fat_image *ret) {
        int r = fat_image_measure(files, n, ret, NULL);
        if (r < 0)
                return r == -E2BIG ? -EOVERFLOW : -EILSEQ;
        return ret->size > BOARD_RAMDISK_MAX ? -EOVERFLOW : 0;
}

static int build(const struct tree *t, struct boot_file **ret) {
        CLEANUP(free_at) struct fat_image *layout = malloc(sizeof(*layout));
        CLEANUP(volume_free_at) struct volume *v = calloc(1, sizeof(*v));

        if (!layout || !v)
                return -ENOMEM;
        int r = lay_out(t->files, t->n, layout);
        if (r == 0)
                r = put_head(v, layout, t);
        if (r < 0)
                return r;
        for (size_t i = 0; i < t->n; i++) {
                put_file(v, t->open[i]);
                put_zeros(v, fat_image_padding(layout, t->files[i].size));
        }
        put_zeros(v, layout->tail);
        return join(v, ret);
}

/* ---- what is kept ---- */

/* Paths and tags of all that is in it: the volume has no octet that they do not tell. */
static int name_of(const struct tree *t, char name[static BOOT_FILE_NAME_SIZE]) {
        CLEANUP(text_free) struct text list = {};

        for (size_t i = 0; i < t->n; i++)
                text_printf(&list, "%s %s\n", t->files[i].path, t->open[i]->etag);
        if (list.failed)
                return -ENOMEM;
        CLEANUP(boot_file_drop_at) struct boot_file *file = boot_file_of_octets(list.octets, list.len);
        if (!file)
                return -ENOMEM;
        memcpy(name, file->etag, BOOT_FILE_NAME_SIZE);
        return 0;
}

static int put_together(const struct tree *t, const struct blob_source *blobs, struct boot_file **ret) {
        char name[BOOT_FILE_NAME_SIZE];

        if (!blobs->recall)
                return build(t, ret);
        int r = name_of(t, name);
        if (r < 0)
                return r;
        *ret = blobs->recall(blobs->ctx, name);
        if (*ret)
                return BOOT_FILE_FOUND;
        r = build(t, ret);
        if (r == BOOT_FILE_FOUND)
                blobs->keep(blobs->ctx, name, *ret);
        return r;
}

/* ---- what is known before ---- */

struct sizes {
        size_t n;
        uint64_t octets; /* of all files */
        struct fat_image_file files[FAT_IMAGE_FILES_MAX];
        struct fat_image layout;
};

static int add_size(void *ctx, const char *path, uint64_t size) {
        struct sizes *s = ctx;

        if (s->n == FAT_IMAGE_FILES_MAX)
                return -EMFILE;
        s->files[s->n++] = (struct fat_image_file){ .path = path, .size = size };
        s->octets += size;
        return 0;
}

int pi_ramdisk_check(const struct boot_plan *inside, uint64_t *ret_octets) {
        CLEANUP(free_at) struct sizes *s = calloc(1, sizeof(*s));

        if (!s)
                return -ENOMEM;
        int r = pi_tree_each_size(inside, add_size, s);
        *ret_octets = s->octets;
        if (r < 0)
                return r == -ENODATA ? 0 : r;
        return lay_out(s->files, s->n, &s->layout);
}

/* ---- the two files ---- */

struct boot_plan pi_ramdisk_inside(const struct boot_plan *p) {
        struct boot_plan inside = *p;

        inside.method = &boot_method_pi_tftp;
        inside.is_in_ramdisk = true;
        inside.ask.token[0] = inside.ask.agent_token[0] = inside.ask.seed_token[0] = 0;
        return inside;
}

static int make_ramdisk(const struct boot_plan *p, const struct blob_source *blobs, struct boot_file **ret) {
        CLEANUP(tree_free_at) struct tree *t = calloc(1, sizeof(*t));
        const struct boot_plan inside = pi_ramdisk_inside(p);

        if (!t)
                return -ENOMEM;
        int r = pi_tree_each(&inside, blobs, add, t);
        return r < 0 ? r : put_together(t, blobs, ret);
}

static const char *key_of(const struct boot_plan *p) {
        return p->machine ? p->machine->boot_key : "";
}

/*
 * A signature says that all which follows is checked: the server by its authority, images by their hashes.
 * What anybody else boots could be kept by who asks for it, and be given to a board that believes the key.
 */
static bool may_be_signed(const struct boot_plan *p) {
        return p->machine && p->machine->require_trusted && (!p->agent || p->ask.https_port);
}

static int make_signature(const struct boot_plan *p, const struct blob_source *blobs,
                          struct boot_file **ret) {
        CLEANUP(boot_file_drop_at) struct boot_file *ramdisk = NULL;

        if (!blobs->sign || !may_be_signed(p))
                return BOOT_FILE_MISSING;
        int r = make_ramdisk(p, blobs, &ramdisk);
        if (r != BOOT_FILE_FOUND)
                return r;
        r = blobs->sign(blobs->ctx, key_of(p), ramdisk, ret);
        if (r == -ENOKEY)
                return BOOT_FILE_MISSING;
        return r < 0 ? r : BOOT_FILE_FOUND;
}

size_t pi_ramdisk_generate(const struct boot_plan *p, struct boot_generated list[static BOOT_GENERATED_MAX],
                           size_t n) {
        if (p->is_in_ramdisk)
                return n;
        list[n++] = (struct boot_generated){
                .path = BOOT_RAMDISK,
                .why = "what its firmware loads of this tree, as one volume",
                .make = make_ramdisk,
        };
        if (!may_be_signed(p))
                return n;
        list[n++] = (struct boot_generated){
                .path = PI_RAMDISK_SIGNATURE,
                .why = "the signature of boot.img",
                .make = make_signature,
        };
        return n;
}
