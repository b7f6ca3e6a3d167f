/* Directory trees; see tree.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "io/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static DIR *open_dir(int at, const char *name) {
        int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (fd >= 0 && !dir) {
                int saved = errno;
                (void)close(fd);
                errno = saved;
        }
        return dir;
}

static void close_dir(DIR **dir) {
        if (*dir)
                (void)closedir(*dir);
}

static bool is_self_or_parent(const char *name) {
        return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int remove_below(int at, const char *name, unsigned depth) {
        if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        if (depth > TREE_DEPTH_MAX)
                return -ELOOP;

        CLEANUP(close_dir) DIR *dir = open_dir(at, name);
        if (!dir)
                return -errno;
        for (struct dirent *entry; (entry = readdir(dir));) {
                if (is_self_or_parent(entry->d_name))
                        continue;
                int r = remove_below(dirfd(dir), entry->d_name, depth + 1);
                if (r < 0)
                        return r;
        }
        return unlinkat(at, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int tree_remove(int at, const char *name) {
        return remove_below(at, name, 0);
}

struct walk {
        int (*fn)(void *ctx, int fd, const char *path);
        void *ctx;
        char path[TREE_PATH_MAX];
};

static int walk_dir(struct walk *w, int at, const char *name, size_t path_len, unsigned depth);

static int walk_entry(struct walk *w, int at, const char *name, size_t path_len, unsigned depth) {
        struct stat status;
        int n = snprintf(w->path + path_len, sizeof(w->path) - path_len, "%s%s", path_len ? "/" : "", name);

        if (n < 0 || (size_t)n >= sizeof(w->path) - path_len)
                return -ENAMETOOLONG;
        if (fstatat(at, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (S_ISDIR(status.st_mode))
                return walk_dir(w, at, name, path_len + (size_t)n, depth + 1);
        if (!S_ISREG(status.st_mode))
                return 0;
        int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0)
                return -errno;
        int r = w->fn(w->ctx, fd, w->path);
        (void)close(fd);
        return r;
}

static int walk_dir(struct walk *w, int at, const char *name, size_t path_len, unsigned depth) {
        struct dirent **entries;

        if (depth > TREE_DEPTH_MAX)
                return -ELOOP;
        CLEANUP(close_dir) DIR *dir = open_dir(at, name);
        if (!dir)
                return -errno;
        int n = scandirat(at, name, &entries, NULL, alphasort);
        if (n < 0)
                return -errno;
        int r = 0;
        for (int i = 0; i < n; i++) {
                if (r == 0 && entries[i]->d_name[0] != '.')
                        r = walk_entry(w, dirfd(dir), entries[i]->d_name, path_len, depth);
                free(entries[i]);
        }
        free(entries);
        return r;
}

int tree_each(int at, const char *name, int (*fn)(void *ctx, int fd, const char *path), void *ctx) {
        struct walk w = { .fn = fn, .ctx = ctx };

        return walk_dir(&w, at, name, 0, 0);
}
