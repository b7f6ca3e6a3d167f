/* Folders of whole steps; see cache.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/build/cache.h"
#include "app/bramble/build/child.h"
#include "base/hash.h"
#include "base/text.h"

enum { HASH_DIGITS = 16, INPUTS_MAX = 64 * 1024 };
#define INPUTS "inputs" /* the file that says what a step was made of */
#define PART ".part"

char *cache_dir_choose(void) {
        static const struct {
                const char *variable, *below;
        } rows[] = { { "BRAMBLE_CACHE", "" },
                     { "XDG_CACHE_HOME", "/bramble" },
                     { "HOME", "/.cache/bramble" } };

        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                const char *value = getenv(rows[i].variable);
                char *dir = NULL;
                if (value && *value)
                        return asprintf(&dir, "%s%s", value, rows[i].below) < 0 ? NULL : dir;
        }
        return NULL;
}

/* mkdir -p of a path of ours. */
static int make_dirs(char *path) {
        for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
                *slash = '\0';
                const int r = mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
                *slash = '/';
                if (r < 0)
                        return r;
        }
        return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int cache_open(const char *dir, struct cache *ret, struct error *reterr) {
        CLEANUP(free_at) char *copy = NULL, *made = strdup(dir), *lock = NULL;
        int r;

        if (!made || asprintf(&lock, "%s/lock", dir) < 0)
                return error_set(reterr, -ENOMEM, "out of memory");
        if ((r = make_dirs(made)) < 0)
                return error_set(reterr, r, "cannot make the cache %s: %s", dir, strerror(-r));
        copy = realpath(dir, NULL);
        const int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (!copy || fd < 0) {
                r = error_set(reterr, -errno, "cannot use the cache %s: %s", dir, strerror(errno));
                if (fd >= 0)
                        (void)close(fd);
                return r;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                (void)close(fd);
                return error_set(reterr, -EBUSY,
                                 "another image is being built in %s: wait for it, or set BRAMBLE_CACHE to "
                                 "another folder",
                                 dir);
        }
        *ret = (struct cache){ .dir = TAKE(copy), .lock = fd };
        return 0;
}

void cache_close(struct cache *c) {
        if (c->dir)
                (void)close(c->lock);
        free(c->dir);
        *c = (struct cache){};
}

char *cache_name(const char *step, const char *what, const char *inputs) {
        /* Fixed, so that a name means the same in every run; that two inputs share one is seen by the file
         * INPUTS. */
        static const struct hash_key key = { 0x6272616d626c6531, 0x696d616765206275 };
        char *name = NULL;
        const int n = asprintf(&name, "%s-%s-%0*" PRIx64, step, what, HASH_DIGITS,
                               hash_siphash(key, inputs, strlen(inputs)));
        return n < 0 ? NULL : name;
}

static char *path_of(const struct cache *c, const char *name, const char *after) {
        char *path = NULL;
        return asprintf(&path, "%s/%s%s", c->dir, name, after) < 0 ? NULL : path;
}

/* Whether the file holds exactly this text. */
static bool says(const char *path, const char *text) {
        CLEANUP(free_at) char *buf = malloc(INPUTS_MAX);
        FILE *f = fopen(path, "re");
        size_t n = 0;

        if (f && buf)
                n = fread(buf, 1, INPUTS_MAX, f);
        if (f)
                (void)fclose(f);
        return f && buf && n == strlen(text) && memcmp(buf, text, n) == 0;
}

char *cache_find(const struct cache *c, const char *name, const char *inputs) {
        CLEANUP(free_at) char *path = path_of(c, name, ""), *file = path_of(c, name, "/" INPUTS);
        return path && file && says(file, inputs) ? TAKE(path) : NULL;
}

static char *path_in(const char *dir, const char *name) {
        char *path = NULL;
        return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

/* Only within the namespace may its files be removed. Its parents may be closed to who is root there: no path
 * but ".". */
int cache_clear_tree(const char *path, struct error *reterr) {
        static const char *const words[] = { "find", ".", "-mindepth", "1", "-delete", NULL };
        CLEANUP(argv_free) struct argv argv = {};
        int r;

        if (access(path, F_OK) < 0)
                return 0;
        child_as_root(&argv);
        argv_add_all(&argv, words);
        if ((r = child_run(&(struct child){ .argv = &argv, .dir = path }, reterr)) < 0)
                return r;
        return rmdir(path) < 0 ? error_set(reterr, -errno, "cannot remove %s: %s", path, strerror(errno)) : 0;
}

static int remove_step(const char *path, struct error *reterr) {
        static const char *const words[] = { "rm", "-rf", "--one-file-system", "--", NULL };
        CLEANUP(argv_free) struct argv argv = {};
        CLEANUP(free_at) char *tree = path_in(path, CACHE_TREE), *inputs = path_in(path, INPUTS);

        if (!tree || !inputs)
                return error_set(reterr, -ENOMEM, "out of memory");
        if (access(path, F_OK) < 0)
                return 0;
        (void)unlink(inputs); /* first: what is half removed must not be taken for whole */
        const int r = cache_clear_tree(tree, reterr);
        if (r < 0)
                return r;
        argv_add_all(&argv, words);
        argv_add(&argv, path);
        return child_run(&(struct child){ .argv = &argv }, reterr);
}

/* Whether @other is a folder of the same step, whatever its inputs: only the hash differs. @after: "" or
 * PART. */
static bool is_of_step(const char *other, const char *name, const char *after) {
        const size_t stem = strlen(name) - HASH_DIGITS;
        return strncmp(other, name, stem) == 0 && strspn(other + stem, "0123456789abcdef") == HASH_DIGITS &&
               strcmp(other + stem + HASH_DIGITS, after) == 0;
}

static int remove_others(const struct cache *c, const char *name, const char *after, struct error *reterr) {
        DIR *d = opendir(c->dir);
        int r = 0;

        for (const struct dirent *e; d && r == 0 && (e = readdir(d));) {
                CLEANUP(free_at)
                char *path = is_of_step(e->d_name, name, after) ? path_of(c, e->d_name, "") : NULL;
                if (path)
                        r = remove_step(path, reterr);
        }
        if (d)
                (void)closedir(d);
        return r;
}

int cache_begin(const struct cache *c, const char *name, char **ret_path, struct error *reterr) {
        CLEANUP(free_at) char *part = path_of(c, name, PART);
        int r;

        if (!part)
                return error_set(reterr, -ENOMEM, "out of memory");
        if ((r = remove_others(c, name, PART, reterr)) < 0)
                return r;
        if (mkdir(part, 0755) < 0)
                return error_set(reterr, -errno, "cannot make %s: %s", part, strerror(errno));
        *ret_path = TAKE(part);
        return 0;
}

static int write_inputs(const char *part, const char *inputs) {
        CLEANUP(free_at) char *path = path_in(part, INPUTS);

        if (!path)
                return -ENOMEM;
        FILE *f = fopen(path, "we");
        if (!f)
                return -errno;
        const bool is_written = fputs(inputs, f) != EOF;
        return fclose(f) == 0 && is_written ? 0 : -EIO;
}

static int sync_one(const char *path, int flags) {
        const int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
        const int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;

        if (fd >= 0)
                (void)close(fd);
        return r;
}

/* Ours alone: a whole file system's may be much of others'. */
static int sync_tree(const char *dir) {
        FTS *walk = fts_open((char *[]){ (char *)(uintptr_t)dir, NULL }, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
        int r = walk ? 0 : -errno;

        for (const FTSENT *at; r == 0 && (at = fts_read(walk));)
                if (at->fts_info == FTS_F || at->fts_info == FTS_DP)
                        r = sync_one(at->fts_path, at->fts_info == FTS_F ? O_NOFOLLOW : O_DIRECTORY);
        if (walk)
                (void)fts_close(walk);
        return r;
}

/* All of a folder to the disk, and then its name: what bears the name is whole after any end. */
static int sync_and_rename(const char *part, const char *path) {
        const int r = sync_tree(part);
        return r == 0 && rename(part, path) < 0 ? -errno : r;
}

int cache_commit(const struct cache *c, const char *name, const char *inputs, const char *part,
                 char **ret_path, struct error *reterr) {
        CLEANUP(free_at) char *path = path_of(c, name, "");
        int r;

        if (!path)
                return error_set(reterr, -ENOMEM, "out of memory");
        if ((r = remove_others(c, name, "", reterr)) < 0)
                return r;
        if ((r = write_inputs(part, inputs)) < 0 || (r = sync_and_rename(part, path)) < 0)
                return error_set(reterr, r, "cannot keep %s: %s", path, strerror(-r));
        *ret_path = TAKE(path);
        return 0;
}
