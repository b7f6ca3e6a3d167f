/* Collecting the files of an import; see import.h. What they mean is understand.h's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "core/image/disk.h"
#include "core/image/understand.h"
#include "io/clock.h"
#include "io/crypto.h"

enum { COPY_SIZE = 256 * 1024, FILES_AT_FIRST = 64 };

/* A file that arrived: its content is staged, and enters the store with the whole import. */
struct staged {
        char *path;
        enum image_role role;
        struct store_writer *writer; /* NULL once it is kept */
        struct blob_id id;
        uint64_t size;
};

struct import {
        struct store *store;
        struct board_set *builtin;      /* when the caller named none */
        const struct board_set *boards; /* borrowed, or the above */
        char name[IMAGE_NAME_MAX + 1];
        enum image_kind kind;
        enum arch arch;
        char *cmdline;

        struct staged *files;
        size_t n_files, room;
        uint64_t size; /* octets that arrived, a disk image apart */

        struct store_writer *disk; /* a disk image that arrived whole */
        struct store_writer *open; /* the file that is arriving */
        char *open_path;
        enum image_role open_role;
        uint64_t open_size;
        bool is_open_disk;
};

static int out_of_memory(struct error *reterr) {
        return error_set(reterr, -ENOMEM, "out of memory");
}

int import_begin(struct store *store, const struct import_options *options, struct import **ret,
                 struct error *reterr) {
        if (*options->name == '\0' || strlen(options->name) > IMAGE_NAME_MAX)
                return error_set(reterr, -EINVAL, "the name of an image has 1 to %d octets", IMAGE_NAME_MAX);

        struct import *i = calloc(1, sizeof(*i));
        if (!i)
                return out_of_memory(reterr);
        i->store = store;
        i->kind = options->kind;
        i->arch = options->arch;
        memcpy(i->name, options->name, strlen(options->name) + 1);
        i->cmdline = strdup(options->cmdline ? options->cmdline : "");
        i->builtin = options->boards ? NULL : board_set_builtin();
        i->boards = options->boards ? options->boards : i->builtin;
        if (!i->cmdline || !i->boards) {
                import_abort(i);
                return out_of_memory(reterr);
        }
        *ret = i;
        return 0;
}

static bool is_plain(const char *path) {
        for (const char *at = path; *at; at++)
                if ((unsigned char)*at < 0x20 || *at == 0x7f || *at == '\\')
                        return false;
        return true;
}

int import_path_check(const char *path, struct error *reterr) {
        if (*path == '/')
                return error_set(reterr, -EINVAL, "%s: a file of an image has a relative path", path);
        if (strlen(path) > IMAGE_PATH_MAX)
                return error_set(reterr, -EINVAL, "%.60s…: the path has more than %d octets", path,
                                 IMAGE_PATH_MAX);
        if (!is_plain(path))
                return error_set(
                        reterr, -EINVAL,
                        "a path has a backslash or a control character, which firmware cannot ask for");
        for (const char *at = path;;) {
                size_t len = strcspn(at, "/");
                if (len == 0 || (len == 1 && at[0] == '.') || (len == 2 && at[0] == '.' && at[1] == '.'))
                        return error_set(reterr, -EINVAL,
                                         "%s: a path may not have \".\", \"..\" or empty parts", path);
                if (at[len] == '\0')
                        return 0;
                at += len + 1;
        }
}

static int check_begin(const struct import *i, const char *path, bool is_disk, struct error *reterr) {
        if (i->disk || (is_disk && i->n_files > 0))
                return error_set(reterr, -EINVAL, "a disk image comes alone");
        if (is_disk && i->kind != IMAGE_PI)
                return error_set(reterr, -EINVAL, "a disk image cannot be one of several parts");
        if (i->n_files >= IMAGE_FILES_MAX)
                return error_set(reterr, -E2BIG, "an image has at most %d files", IMAGE_FILES_MAX);
        return is_disk ? 0 : import_path_check(path, reterr);
}

int import_file_begin(struct import *i, const char *path, enum image_role role, struct error *reterr) {
        bool is_disk = strcmp(path, IMPORT_DISK_IMAGE) == 0;

        int r = check_begin(i, path, is_disk, reterr);
        if (r < 0)
                return r;
        CLEANUP(free_at) char *copy = strdup(path);
        if (!copy)
                return out_of_memory(reterr);
        r = store_write_begin(i->store, &i->open, reterr);
        if (r < 0)
                return r;
        i->open_path = TAKE(copy);
        i->open_role = role;
        i->open_size = 0;
        i->is_open_disk = is_disk;
        return 0;
}

int import_file_data(struct import *i, const void *data, size_t len, struct error *reterr) {
        uint64_t max = i->is_open_disk ? IMPORT_DISK_MAX : IMPORT_FILE_MAX;

        if (len > max - i->open_size)
                return error_set(reterr, -EFBIG, "%s has more than %llu GiB",
                                 i->is_open_disk ? "the disk image" : i->open_path,
                                 (unsigned long long)(max >> 30));
        if (!i->is_open_disk && len > IMPORT_MAX - i->size)
                return error_set(reterr, -EFBIG, "the files have more than %llu GiB in all",
                                 (unsigned long long)(IMPORT_MAX >> 30));
        i->open_size += len;
        if (!i->is_open_disk)
                i->size += len;
        return store_write(i->open, data, len, reterr);
}

static struct staged *add_file(struct import *i) {
        if (i->n_files == i->room) {
                size_t room = i->room ? 2 * i->room : FILES_AT_FIRST;
                struct staged *grown = reallocarray(i->files, room, sizeof(*grown));
                if (!grown)
                        return NULL;
                i->files = grown;
                i->room = room;
        }
        return &i->files[i->n_files];
}

int import_file_end(struct import *i, struct error *reterr) {
        struct blob_id id;
        uint64_t size;

        int r = store_write_seal(i->open, &id, &size, reterr);
        if (r < 0)
                return r;
        if (i->is_open_disk) {
                i->disk = TAKE(i->open);
                free(TAKE(i->open_path));
                return 0;
        }
        struct staged *f = add_file(i);
        if (!f)
                return out_of_memory(reterr);
        *f = (struct staged){ .path = TAKE(i->open_path),
                              .role = i->open_role,
                              .writer = TAKE(i->open),
                              .id = id,
                              .size = size };
        i->n_files++;
        return 0;
}

/* One file of a disk image, taken in like one that arrives. */
struct unpacking {
        struct import *import;
        struct error *reterr;
        uint8_t *buf;
};

static int take_file(void *ctx, int fd, const char *path) {
        struct unpacking *u = ctx;

        int r = import_file_begin(u->import, path, IMAGE_FILE_OTHER, u->reterr);
        while (r == 0) {
                ssize_t n = read(fd, u->buf, COPY_SIZE);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return error_set(u->reterr, -errno, "%s: %s", path, strerror(errno));
                if (n == 0)
                        return import_file_end(u->import, u->reterr);
                r = import_file_data(u->import, u->buf, (size_t)n, u->reterr);
        }
        return r;
}

static int unpack_disk(struct import *i, struct error *reterr) {
        CLEANUP(store_write_abort_at) struct store_writer *disk = TAKE(i->disk);
        CLEANUP(free_at) uint8_t *buf = malloc(COPY_SIZE);
        struct unpacking u = { .import = i, .reterr = reterr, .buf = buf };

        return buf ? disk_unpack(i->store, disk, take_file, &u, reterr) : out_of_memory(reterr);
}

static struct image *make_image(const struct import *i) {
        CLEANUP(image_drop_at) struct image *image = image_new();
        if (!image)
                return NULL;
        memcpy(image->name, i->name, sizeof(image->name));
        image->kind = i->kind;
        image->cmdline = strdup(i->cmdline);
        image->created_s = clock_unix_s();
        image->boards = calloc(1, sizeof(*image->boards));
        image->files = calloc(i->n_files ? i->n_files : 1, sizeof(*image->files));
        if (!image->cmdline || !image->boards || !image->files)
                return NULL;
        for (size_t n = 0; n < i->n_files; n++) {
                const struct staged *f = &i->files[n];
                image->files[n] = (struct image_file){
                        .path = strdup(f->path), .role = f->role, .blob = f->id, .size = f->size
                };
                image->n_files++;
                if (!image->files[n].path)
                        return NULL;
        }
        return TAKE(image);
}

static struct blob *open_staged(void *ctx, const struct blob_id *id, int *error) {
        const struct store_writer *w = map_get(ctx, id, sizeof(*id));

        if (!w)
                *error = -ENOENT;
        return w ? store_writer_open(w, error) : NULL;
}

static int understand(const struct import *i, struct image *image, struct error *reterr) {
        CLEANUP(map_free_at) struct map *by_id = map_new(random_hash_key());
        struct blob_source blobs = { .open = open_staged, .ctx = by_id };

        if (!by_id)
                return out_of_memory(reterr);
        for (size_t n = 0; n < i->n_files; n++)
                if (map_put(by_id, &i->files[n].id, sizeof(i->files[n].id), i->files[n].writer, NULL) < 0)
                        return out_of_memory(reterr);
        return image->kind == IMAGE_PI ? understand_pi(image, i->boards, &blobs, i->arch, reterr)
                                       : understand_parts(image, &blobs, i->arch, reterr);
}

static int index_image(struct image *image, struct error *reterr) {
        if (image->n_files == 0)
                return error_set(reterr, -ENOENT, "there are no files");
        int r = image_index(image);
        if (r == -EEXIST) { /* sorted by then: equal paths lie side by side */
                for (size_t n = 1; n < image->n_files; n++)
                        if (strcmp(image->files[n - 1].path, image->files[n].path) == 0)
                                return error_set(reterr, r, "two files are named %s", image->files[n].path);
        }
        return r < 0 ? error_set(reterr, r, "the image cannot be indexed: %s", strerror(-r)) : 0;
}

static int finish(struct import *i, struct image **ret, struct error *reterr) {
        int r = i->disk ? unpack_disk(i, reterr) : 0;
        if (r < 0)
                return r;
        CLEANUP(image_drop_at) struct image *image = make_image(i);
        if (!image)
                return out_of_memory(reterr);
        r = index_image(image, reterr);
        if (r == 0)
                r = understand(i, image, reterr);
        if (r == 0)
                r = index_image(image, reterr); /* again, for the roles */
        if (r == 0)
                r = store_sync(i->store, reterr);
        for (size_t n = 0; r == 0 && n < i->n_files; n++)
                r = store_write_keep(TAKE(i->files[n].writer), reterr);
        if (r == 0)
                r = store_sync(i->store, reterr);
        if (r == 0)
                *ret = TAKE(image);
        return r;
}

int import_end(struct import *i, struct image **ret, struct error *reterr) {
        int r = i->open ? error_set(reterr, -EINVAL, "%s ended in the middle", i->open_path)
                        : finish(i, ret, reterr);

        import_abort(i);
        return r;
}

void import_abort(struct import *i) {
        if (!i)
                return;
        store_write_abort(i->open);
        store_write_abort(i->disk);
        free(i->open_path);
        for (size_t n = 0; n < i->n_files; n++) {
                store_write_abort(i->files[n].writer);
                free(i->files[n].path);
        }
        free(i->files);
        free(i->cmdline);
        board_set_drop(i->builtin);
        free(i);
}
