/* Collecting the files of an import; see import.h. What they mean is understand.h's. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/import.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "base/text.h"
#include "core/image/staging.h"
#include "core/image/understand.h"
#include "core/image/whole.h"
#include "io/clock.h"
#include "io/crypto.h"

enum { COPY_SIZE = 256 * 1024, FILES_AT_FIRST = 64 };

static int out_of_memory(struct error *reterr) {
        return error_set(reterr, -ENOMEM, "out of memory");
}

int import_begin(struct store *store, const struct import_options *options, struct import **ret,
                 struct error *reterr) {
        int r = image_name_check(options->name, reterr);
        if (r < 0)
                return r;

        struct import *i = calloc(1, sizeof(*i));
        if (!i)
                return out_of_memory(reterr);
        i->store = store;
        i->has_kind = !options->is_kind_found;
        i->kind = options->kind;
        i->has_no_root = options->has_no_root;
        i->has_sha256 = options->sha256 != NULL;
        if (options->sha256)
                i->sha256 = *options->sha256;
        i->arch = options->arch;
        memcpy(i->name, options->name, strlen(options->name) + 1);
        i->cmdline = strdup(options->cmdline ? options->cmdline : "");
        i->builtin = options->boards ? NULL : board_set_builtin();
        i->boards = options->boards ? options->boards : i->builtin;
        i->unpack = options->unpack ? strdup(options->unpack) : NULL;
        if (!i->cmdline || !i->boards || (options->unpack && !i->unpack)) {
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

static int check_begin(const struct import *i, const char *path, bool is_source, struct error *reterr) {
        if (is_source && i->source)
                return error_set(reterr, -EINVAL, "one image is made of one disk or root file system");
        if (i->n_files >= IMAGE_FILES_MAX)
                return error_set(reterr, -E2BIG, "an image has at most %d files", IMAGE_FILES_MAX);
        return is_source ? 0 : import_path_check(path, reterr);
}

int import_file_begin(struct import *i, const char *path, enum image_role role, struct error *reterr) {
        bool is_source = strcmp(path, IMPORT_SOURCE) == 0;

        int r = check_begin(i, path, is_source, reterr);
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
        i->is_open_source = is_source;
        return 0;
}

int import_check_room(const struct import *i, uint64_t size, struct error *reterr) {
        return store_check_room(i->store, size, reterr);
}

int import_file_data(struct import *i, const void *data, size_t len, struct error *reterr) {
        uint64_t max = i->is_open_source ? IMPORT_DISK_MAX : IMPORT_FILE_MAX;

        if (len > max - i->open_size)
                return error_set(reterr, -EFBIG, "%s has more than %llu GiB",
                                 i->is_open_source ? "the image" : i->open_path,
                                 (unsigned long long)(max >> 30));
        if (!i->is_open_source && len > IMPORT_MAX - i->size)
                return error_set(reterr, -EFBIG, "the files have more than %llu GiB in all",
                                 (unsigned long long)(IMPORT_MAX >> 30));
        i->open_size += len;
        if (!i->is_open_source)
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

static int take_source(struct import *i, const struct blob_id *id, uint64_t size, struct error *reterr) {
        char got[2 * SHA256_SIZE + 1], wanted[2 * SHA256_SIZE + 1];

        i->source = TAKE(i->open);
        i->source_size = size;
        free(TAKE(i->open_path));
        if (!i->has_sha256 || memcmp(id, &i->sha256, sizeof(*id)) == 0)
                return 0;
        return error_set(reterr, -EBADMSG,
                         "its SHA-256 is %s, not %s: it is another file, or it was damaged on its way",
                         text_hex(id->octets, SHA256_SIZE, got),
                         text_hex(i->sha256.octets, SHA256_SIZE, wanted));
}

int import_file_end(struct import *i, struct error *reterr) {
        struct blob_id id;
        uint64_t size;

        int r = store_write_seal(i->open, &id, &size, reterr);
        if (r < 0)
                return r;
        if (i->is_open_source)
                return take_source(i, &id, size, reterr);
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

int import_add_file(struct import *i, int fd, const char *path, enum image_role role, struct error *reterr) {
        CLEANUP(free_at) uint8_t *buf = malloc(COPY_SIZE);

        int r = buf ? import_file_begin(i, path, role, reterr) : out_of_memory(reterr);
        while (r == 0) {
                ssize_t n = read(fd, buf, COPY_SIZE);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return error_set(reterr, -errno, "%s: %s", path, strerror(errno));
                if (n == 0)
                        return import_file_end(i, reterr);
                r = import_file_data(i, buf, (size_t)n, reterr);
        }
        return r;
}

int import_add_sealed(struct import *i, const char *path, enum image_role role, struct store_writer *sealed,
                      struct error *reterr) {
        CLEANUP(store_write_abort_at) struct store_writer *writer = sealed;
        CLEANUP(free_at) char *copy = strdup(path);
        struct staged *f = copy ? add_file(i) : NULL;

        if (!f)
                return out_of_memory(reterr);
        *f = (struct staged){ .path = TAKE(copy), .role = role };
        f->id = *store_writer_id(writer, &f->size);
        f->writer = TAKE(writer);
        i->n_files++;
        return 0;
}

const struct staged *import_find_staged(const struct import *i, enum image_role role) {
        for (size_t n = 0; n < i->n_files; n++)
                if (i->files[n].role == role)
                        return &i->files[n];
        return NULL;
}

/* The files that were staged after the image was made, too. */
static int add_files(const struct import *i, struct image *image) {
        struct image_file *grown = reallocarray(image->files, i->n_files ? i->n_files : 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        image->files = grown;
        while (image->n_files < i->n_files) {
                const struct staged *f = &i->files[image->n_files];
                image->files[image->n_files] = (struct image_file){
                        .path = strdup(f->path), .role = f->role, .blob = f->id, .size = f->size
                };
                if (!image->files[image->n_files].path)
                        return -ENOMEM;
                image->n_files++;
        }
        return 0;
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
        return image->cmdline && image->boards && add_files(i, image) == 0 ? TAKE(image) : NULL;
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
        switch (image->kind) {
        case IMAGE_PI:
                return understand_pi(image, i->boards, &blobs, i->arch, reterr);
        case IMAGE_PARTS:
                return understand_parts(image, &blobs, i->arch, reterr);
        case IMAGE_BARE:
                break;
        }
        return 0;
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

static int keep_all(struct import *i, struct import_progress *progress, struct error *reterr) {
        import_progress_begin(progress, IMPORT_KEEPING, 0);
        if (progress->is_cancelled)
                return error_set(reterr, -ECANCELED, "the import was given up");
        int r = store_sync(i->store, reterr);
        for (size_t n = 0; r == 0 && n < i->n_files; n++)
                r = store_write_keep(TAKE(i->files[n].writer), reterr);
        return r == 0 ? store_sync(i->store, reterr) : r;
}

/* An image of parts alone: where its system can live is soon said. */
static int decide_alone(struct image *image, struct error *reterr) {
        static const struct kernel_facts unknown;
        struct roots_facts facts = { .kernels = &unknown, .n_kernels = 1 };

        return roots_decide(image, &facts, reterr);
}

static int finish(struct import *i, struct import_progress *progress, struct image **ret,
                  struct error *reterr) {
        CLEANUP(whole_end) struct whole w = {};
        bool is_whole = i->source || import_find_staged(i, IMAGE_FILE_ROOT_SQUASHFS);
        int r = 0;

        if (is_whole)
                r = whole_begin(&w, i, progress, reterr);
        if (is_whole && r == 0)
                r = whole_open(&w, reterr);
        if (r < 0)
                return r;
        CLEANUP(image_drop_at) struct image *image = make_image(i);
        if (!image)
                return out_of_memory(reterr);
        if (image->kind != IMAGE_BARE)
                r = index_image(image, reterr);
        if (r == 0)
                r = understand(i, image, reterr);
        if (r == 0)
                r = is_whole ? whole_add(&w, image, reterr) : decide_alone(image, reterr);
        if (r == 0 && add_files(i, image) < 0)
                r = out_of_memory(reterr);
        if (r == 0)
                r = index_image(image, reterr); /* again, for the roles */
        if (r == 0)
                r = keep_all(i, progress, reterr);
        if (r == 0)
                *ret = TAKE(image);
        return r;
}

int import_end(struct import *i, struct import_progress *progress, struct image **ret, struct error *reterr) {
        struct import_progress unseen = {};
        int r = i->open ? error_set(reterr, -EINVAL, "%s ended in the middle", i->open_path)
                        : finish(i, progress ? progress : &unseen, ret, reterr);

        import_abort(i);
        return r;
}

void import_abort(struct import *i) {
        if (!i)
                return;
        store_write_abort(i->open);
        store_write_abort(i->source);
        free(i->open_path);
        for (size_t n = 0; n < i->n_files; n++) {
                store_write_abort(i->files[n].writer);
                free(i->files[n].path);
        }
        free(i->files);
        free(i->cmdline);
        free(i->unpack);
        board_set_drop(i->builtin);
        free(i);
}
