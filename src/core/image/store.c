/* Blobs as files; see store.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/image/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "io/blob.h"
#include "io/crypto.h"
#include "io/fd.h"
#include "io/tree.h"

enum {
        HEX_SIZE = 2 * SHA256_SIZE + 1,
        NAME_SIZE = HEX_SIZE + 1, /* ab/cdef… */
        TEMP_RANDOM = 8,          /* octets of a temporary name */
        TEMP_SIZE = 2 * TEMP_RANDOM + 1,
        VERIFY_SIZE = 1024 * 1024,
        ROOM_CHECK = 4 * 1024 * 1024 /* octets between two looks at the room that is left */
};

struct store {
        char *dir;
        int dir_fd, temp_fd;
};

struct store_writer {
        struct store *store;
        struct sha256 *hash;
        int fd; /* -1 once it is sealed */
        uint64_t size, checked;
        struct blob_id id;
        char *path;
        char name[TEMP_SIZE]; /* in tmp/ */
};

/* "ab/cdef…" */
static const char *blob_name(const struct blob_id *id, char name[static NAME_SIZE]) {
        char hex[HEX_SIZE];

        (void)text_hex(id->octets, sizeof(id->octets), hex);
        (void)snprintf(name, NAME_SIZE, "%.2s/%s", hex, hex + 2);
        return name;
}

static int open_dir(int at, const char *name) {
        if (mkdirat(at, name, 0750) < 0 && errno != EEXIST)
                return -errno;
        int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        return fd < 0 ? -errno : fd;
}

int store_open(const char *dir, struct store **ret, struct error *reterr) {
        CLEANUP(store_close_at) struct store *s = calloc(1, sizeof(*s));
        if (!s)
                return error_set(reterr, -ENOMEM, "out of memory");
        s->dir_fd = s->temp_fd = -1;
        s->dir_fd = open_dir(AT_FDCWD, dir);
        if (s->dir_fd < 0)
                return error_set(reterr, s->dir_fd, "image store %s: %s", dir, strerror(-s->dir_fd));
        s->dir = realpath(dir, NULL); /* children work in another directory */
        if (!s->dir)
                return error_set(reterr, -errno, "image store %s: %s", dir, strerror(errno));
        int r = tree_remove(s->dir_fd, "tmp");
        if (r < 0)
                return error_set(reterr, r, "image store %s/tmp: cannot remove leftovers: %s", dir,
                                 strerror(-r));
        s->temp_fd = open_dir(s->dir_fd, "tmp");
        if (s->temp_fd < 0)
                return error_set(reterr, s->temp_fd, "image store %s/tmp: %s", dir, strerror(-s->temp_fd));
        *ret = TAKE(s);
        return 0;
}

void store_close(struct store *s) {
        if (!s)
                return;
        fd_close(s->temp_fd);
        fd_close(s->dir_fd);
        free(s->dir);
        free(s);
}

struct blob *store_open_blob(const struct store *s, const struct blob_id *id, int *error) {
        char name[NAME_SIZE], path[PATH_MAX];

        int n = snprintf(path, sizeof(path), "%s/%s", s->dir, blob_name(id, name));
        if (n < 0 || (size_t)n >= sizeof(path)) {
                *error = -ENAMETOOLONG;
                return NULL;
        }
        return blob_open_file(path, id, error);
}

static struct blob *source_open(void *ctx, const struct blob_id *id, int *error) {
        return store_open_blob(ctx, id, error);
}

struct blob_source store_source(struct store *s) {
        return (struct blob_source){ .open = source_open, .ctx = s };
}

int store_verify(const struct store *s, const struct blob_id *id, uint64_t size) {
        CLEANUP(free_at) uint8_t *buf = malloc(VERIFY_SIZE);
        CLEANUP(sha256_free_at) struct sha256 *hash = sha256_new();
        struct blob_id got;
        int error = 0;

        CLEANUP(blob_drop_at) struct blob *b = store_open_blob(s, id, &error);
        if (!b)
                return error == -ENOENT ? STORE_BLOB_MISSING : error;
        if (!buf || !hash)
                return -ENOMEM;
        if (b->size != size)
                return STORE_BLOB_DAMAGED;
        for (uint64_t at = 0; at < size; at += VERIFY_SIZE) {
                size_t len = size - at < VERIFY_SIZE ? (size_t)(size - at) : VERIFY_SIZE;
                int r = b->read(b, at, buf, len);
                if (r == -EIO)
                        return STORE_BLOB_DAMAGED; /* the disk gave it up */
                if (r < 0)
                        return r;
                sha256_update(hash, buf, len);
        }
        sha256_finish(TAKE(hash), got.octets);
        return memcmp(&got, id, sizeof(got)) == 0 ? STORE_BLOB_SOUND : STORE_BLOB_DAMAGED;
}

int store_check_room(const struct store *s, uint64_t more, struct error *reterr) {
        struct statvfs v;

        if (fstatvfs(s->dir_fd, &v) < 0)
                return error_set(reterr, -errno, "image store %s: %s", s->dir, strerror(errno));
        uint64_t unit = v.f_frsize ? v.f_frsize : v.f_bsize;
        uint64_t left = v.f_bavail * unit, keep = v.f_blocks * unit / 100 * STORE_KEPT_FREE_PERCENT;
        if (keep > STORE_KEPT_FREE_MAX)
                keep = STORE_KEPT_FREE_MAX;
        if (left >= keep && left - keep >= more)
                return 0;
        return error_set(reterr, -ENOSPC,
                         "the disk is full: %llu MiB are left in %s, of which %llu MiB stay free for the "
                         "rest of the system",
                         (unsigned long long)(left >> 20), s->dir, (unsigned long long)(keep >> 20));
}

static int failed(const struct store *s, int error, struct error *reterr) {
        if (error == -ENOSPC || error == -EDQUOT)
                return error_set(reterr, error, "the disk is full: no room for the image in %s", s->dir);
        return error_set(reterr, error, "image store %s: %s", s->dir, strerror(-error));
}

static void temp_name(char name[static TEMP_SIZE]) {
        uint8_t octets[TEMP_RANDOM];

        random_octets(octets, sizeof(octets));
        (void)text_hex(octets, sizeof(octets), name);
}

int store_write_begin(struct store *s, struct store_writer **ret, struct error *reterr) {
        int r = store_check_room(s, 0, reterr);
        if (r < 0)
                return r;
        struct store_writer *w = calloc(1, sizeof(*w));
        if (!w)
                return error_set(reterr, -ENOMEM, "out of memory");
        w->store = s;
        temp_name(w->name);
        w->hash = sha256_new();
        w->fd = openat(s->temp_fd, w->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
        r = w->fd < 0                                                          ? -errno
            : !w->hash || asprintf(&w->path, "%s/tmp/%s", s->dir, w->name) < 0 ? -ENOMEM
                                                                               : 0;
        if (r < 0) {
                (void)failed(w->store, r, reterr);
                store_write_abort(w);
                return r;
        }
        *ret = w;
        return 0;
}

int store_write(struct store_writer *w, const void *data, size_t len, struct error *reterr) {
        if (w->size + len - w->checked > ROOM_CHECK) {
                int r = store_check_room(w->store, len, reterr);
                if (r < 0)
                        return r;
                w->checked = w->size + len;
        }
        int r = fd_write(w->fd, data, len, w->size);
        if (r < 0)
                return failed(w->store, r, reterr);
        sha256_update(w->hash, data, len);
        w->size += len;
        return 0;
}

int store_write_seal(struct store_writer *w, struct blob_id *ret, uint64_t *ret_size, struct error *reterr) {
        int fd = w->fd;

        w->fd = -1;
        sha256_finish(TAKE(w->hash), w->id.octets);
        if (close(fd) < 0) /* a network file system tells only now that it is full */
                return failed(w->store, -errno, reterr);
        *ret = w->id;
        *ret_size = w->size;
        return 0;
}

const struct blob_id *store_writer_id(const struct store_writer *w, uint64_t *ret_size) {
        *ret_size = w->size;
        return &w->id;
}

const char *store_writer_path(const struct store_writer *w) {
        return w->path;
}

struct blob *store_writer_open(const struct store_writer *w, int *error) {
        return blob_open_file(w->path, &w->id, error);
}

/* A blob that the store has already: only its time is set, so that it is not collected as an old one. One
 * that is no longer what it was gives way to ours, which is. */
static bool keep_old(const struct store_writer *w, const char *name) {
        int fd = openat(w->store->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return false;

        bool is_kept = store_verify(w->store, &w->id, w->size) == STORE_BLOB_SOUND && futimens(fd, NULL) == 0;
        (void)close(fd);
        return is_kept;
}

static int keep_new(const struct store_writer *w, const char *name) {
        char fan[3] = { name[0], name[1], '\0' };

        if (mkdirat(w->store->dir_fd, fan, 0750) < 0 && errno != EEXIST)
                return -errno;
        return renameat(w->store->temp_fd, w->name, w->store->dir_fd, name) < 0 ? -errno : 0;
}

int store_sync(struct store *s, struct error *reterr) {
        return syncfs(s->dir_fd) < 0 ? failed(s, -errno, reterr) : 0;
}

int store_write_keep(struct store_writer *w, struct error *reterr) {
        char name[NAME_SIZE];
        int r = 0;

        (void)blob_name(&w->id, name);
        if (!keep_old(w, name))
                r = keep_new(w, name);
        if (r < 0)
                (void)failed(w->store, r, reterr);
        store_write_abort(w); /* a temporary name that was renamed is gone */
        return r;
}

int store_write_end(struct store_writer *w, struct blob_id *ret, uint64_t *ret_size, struct error *reterr) {
        struct store *s = w->store;
        struct blob_id id;
        uint64_t size;

        int r = store_write_seal(w, &id, &size, reterr);
        if (r == 0)
                r = store_sync(s, reterr);
        if (r < 0) {
                store_write_abort(w);
                return r;
        }
        r = store_write_keep(w, reterr);
        if (r == 0)
                r = store_sync(s, reterr);
        if (r < 0)
                return r;
        *ret = id;
        *ret_size = size;
        return 0;
}

void store_write_abort(struct store_writer *w) {
        if (!w)
                return;
        fd_close(w->fd);
        (void)unlinkat(w->store->temp_fd, w->name, 0);
        sha256_free(w->hash);
        free(w->path);
        free(w);
}

char *store_make_dir(struct store *s, struct error *reterr) {
        char name[TEMP_SIZE], *path = NULL;

        temp_name(name);
        int r = mkdirat(s->temp_fd, name, 0700) < 0              ? -errno
                : asprintf(&path, "%s/tmp/%s", s->dir, name) < 0 ? -ENOMEM
                                                                 : 0;
        if (r < 0) {
                (void)error_set(reterr, r, "image store %s: %s", s->dir, strerror(-r));
                return NULL;
        }
        return path;
}

/* One fan-out directory; the number removed is added to @n. */
struct collection {
        bool (*is_used)(void *ctx, const struct blob_id *id);
        void *ctx;
        int64_t from_s, to_s; /* of the blobs' times */
        int n;
};

static void collect_one(struct collection *c, int dir_fd, const char *fan, const char *rest) {
        char hex[HEX_SIZE];
        struct blob_id id;
        struct stat status;

        int n = snprintf(hex, sizeof(hex), "%s%s", fan, rest);
        if (n != HEX_SIZE - 1 || text_parse_hex(hex, id.octets, sizeof(id.octets)) < 0)
                return; /* not ours */
        if (fstatat(dir_fd, rest, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode) ||
            status.st_mtime < c->from_s || status.st_mtime > c->to_s || c->is_used(c->ctx, &id))
                return;
        if (unlinkat(dir_fd, rest, 0) == 0)
                c->n++;
}

static int collect_fan(const struct store *s, struct collection *c, const char *fan) {
        int fd = openat(s->dir_fd, fan, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        DIR *dir = fdopendir(fd);
        if (!dir) {
                int r = -errno;
                (void)close(fd);
                return r;
        }
        for (struct dirent *entry; (entry = readdir(dir));)
                if (entry->d_name[0] != '.')
                        collect_one(c, fd, fan, entry->d_name);
        (void)closedir(dir);
        return 0;
}

static int collect(const struct store *s, struct collection c) {
        for (unsigned i = 0; i < 256; i++) {
                char fan[3];
                (void)snprintf(fan, sizeof(fan), "%02x", i);
                int r = collect_fan(s, &c, fan);
                if (r < 0)
                        return r;
        }
        return c.n;
}

int store_collect(struct store *s, bool (*is_used)(void *ctx, const struct blob_id *id), void *ctx,
                  int64_t now_s) {
        return collect(s, (struct collection){ .is_used = is_used,
                                               .ctx = ctx,
                                               .from_s = INT64_MIN,
                                               .to_s = now_s - STORE_COLLECT_AGE_S });
}

int store_collect_interrupted(struct store *s, bool (*is_used)(void *ctx, const struct blob_id *id),
                              void *ctx, int64_t now_s) {
        return collect(s, (struct collection){ .is_used = is_used,
                                               .ctx = ctx,
                                               .from_s = now_s - STORE_INTERRUPTED_S,
                                               .to_s = INT64_MAX });
}
