/*
 * Any names with any contents as an import: checked, indexed and understood.
 *
 * Octet 0: a Pi directory (even) or parts. Then files: path, NUL, length (two octets, little endian), role,
 * content.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "core/image/import.h"
#include "core/image/understand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { FILES_MAX = 64 };

/* A blob's name is the number of its file. */
struct contents {
        struct {
                struct blob blob;
                const uint8_t *octets;
        } files[FILES_MAX];
        size_t n;
};

static int read_octets_of(struct blob *b, uint64_t offset, void *buf, size_t len) {
        const uint8_t *octets;

        if (offset > b->size || len > b->size - offset)
                abort(); /* asks for what is not there */
        memcpy((void *)&octets, b->id.octets + 8, sizeof(octets));
        memcpy(buf, octets + offset, len);
        return 0;
}

static void keep(struct blob *b) {
        (void)b;
}

static struct blob *open_content(void *ctx, const struct blob_id *id, int *error) {
        struct contents *c = ctx;

        if (id->octets[0] >= c->n) {
                *error = -ENOENT;
                return NULL;
        }
        return blob_take(&c->files[id->octets[0]].blob);
}

/* The rule that must hold for whatever import_path_check() lets pass. */
static void expect_safe(const char *path) {
        if (*path == '/' || strstr(path, "//") || strstr(path, "/../") || strncmp(path, "../", 3) == 0 ||
            strcmp(path, "..") == 0 || strlen(path) > IMAGE_PATH_MAX)
                abort();
}

static void add_file(struct image *i, struct contents *c, const char *path, enum image_role role,
                     const uint8_t *octets, size_t len) {
        struct blob_id id = { { (uint8_t)c->n } };

        memcpy(id.octets + 8, (const void *)&octets, sizeof(octets));
        c->files[c->n].blob =
                (struct blob){ .id = id, .size = len, .fd = -1, .read = read_octets_of, .free = keep };
        ref_init(&c->files[c->n].blob.ref);
        i->files[c->n] = (struct image_file){ .path = strdup(path), .role = role, .blob = id, .size = len };
        c->n++;
        i->n_files++;
        if (!i->files[c->n - 1].path)
                abort();
}

static void read_files(struct reader *r, struct image *i, struct contents *c) {
        while (reader_left(r) > 0 && c->n < FILES_MAX) {
                const char *path = read_cstr(r);
                size_t len = read_u16le(r);
                enum image_role role = (enum image_role)(read_u8(r) % (IMAGE_FILE_DTB + 1));
                if (len > reader_left(r))
                        len = reader_left(r);
                const uint8_t *octets = read_octets(r, len);
                if (!octets || import_path_check(path, NULL) < 0)
                        continue;
                expect_safe(path);
                add_file(i, c, path, role, octets, len);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
        static struct board_set *boards;
        struct reader r = reader_of(data, len);
        struct contents c = { .n = 0 };
        struct blob_source blobs = { .open = open_content, .ctx = &c };
        struct error error = { 0 };

        if (!boards)
                boards = board_set_builtin();
        CLEANUP(image_drop_at) struct image *i = image_new();
        if (!boards || !i)
                abort();
        i->kind = read_u8(&r) % 2 ? IMAGE_PARTS : IMAGE_PI;
        i->files = calloc(FILES_MAX, sizeof(*i->files));
        if (!i->files)
                abort();
        read_files(&r, i, &c);
        if (image_index(i) < 0)
                return 0;
        int result = i->kind == IMAGE_PI ? understand_pi(i, boards, &blobs, ARCH_NONE, &error)
                                         : understand_parts(i, &blobs, ARCH_NONE, &error);
        if ((result < 0) != (error.text[0] != '\0')) /* a refusal has a sentence, a success none */
                abort();
        return 0;
}
