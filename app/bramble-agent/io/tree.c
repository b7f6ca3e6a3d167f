/* Small files of the kernel's; see tree.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/bramble-agent/io/tree.h"
#include "base/text.h"

enum { NUMBER_SIZE = 64 };

int tree_open(struct tree *ret, const char *root) {
        int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        ret->root = fd;
        return 0;
}

void tree_close(struct tree *t) {
        if (t->root >= 0)
                (void)close(t->root);
        t->root = -1;
}

static int make_path(char path[static TREE_PATH_MAX], const char *format, va_list args) {
        int n = vsnprintf(path, TREE_PATH_MAX, format, args);
        return n < 0 || n >= TREE_PATH_MAX ? -ENAMETOOLONG : 0;
}

static int open_at(const struct tree *t, int flags, const char *format, va_list args) {
        char path[TREE_PATH_MAX];
        int r = make_path(path, format, args);
        if (r < 0)
                return r;
        int fd = openat(t->root, path, flags | O_CLOEXEC | O_NOCTTY);
        return fd < 0 ? -errno : fd;
}

static int read_all(int fd, uint8_t *buf, size_t size) {
        size_t len = 0;

        while (len < size) {
                ssize_t n = read(fd, buf + len, size - len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return len > 0 ? (int)len : -errno;
                if (n == 0)
                        break;
                len += (size_t)n;
        }
        return (int)len;
}

static int read_at(const struct tree *t, void *buf, size_t size, const char *format, va_list args) {
        int fd = open_at(t, O_RDONLY, format, args);
        if (fd < 0)
                return fd;
        int r = read_all(fd, buf, size);
        (void)close(fd);
        return r;
}

int tree_read(const struct tree *t, void *buf, size_t size, const char *format, ...) {
        va_list args;

        va_start(args, format);
        int r = read_at(t, buf, size, format, args);
        va_end(args);
        return r;
}

static bool text_at(const struct tree *t, char *buf, size_t size, const char *format, va_list args) {
        int n = read_at(t, buf, size - 1, format, args);

        buf[n > 0 ? n : 0] = '\0';
        for (size_t len = strlen(buf); len > 0 && (unsigned char)buf[len - 1] <= ' ';)
                buf[--len] = '\0';
        return buf[0] != '\0';
}

bool tree_text(const struct tree *t, char *buf, size_t size, const char *format, ...) {
        va_list args;

        va_start(args, format);
        bool is_there = text_at(t, buf, size, format, args);
        va_end(args);
        return is_there;
}

bool tree_number(const struct tree *t, int64_t *ret, const char *format, ...) {
        char text[NUMBER_SIZE];
        uint64_t value;
        va_list args;

        va_start(args, format);
        bool is_there = text_at(t, text, sizeof(text), format, args);
        va_end(args);
        bool is_negative = text[0] == '-';
        if (!is_there || text_parse_u64(text + is_negative, INT64_MAX, &value) < 0)
                return false;
        *ret = is_negative ? -(int64_t)value : (int64_t)value;
        return true;
}

bool tree_link(const struct tree *t, char *buf, size_t size, const char *format, ...) {
        char path[TREE_PATH_MAX], target[TREE_PATH_MAX];
        va_list args;

        buf[0] = '\0';
        va_start(args, format);
        int r = make_path(path, format, args);
        va_end(args);
        if (r < 0)
                return false;
        ssize_t n = readlinkat(t->root, path, target, sizeof(target) - 1);
        if (n <= 0)
                return false;
        target[n] = '\0';
        const char *slash = strrchr(target, '/');
        return text_copy(buf, size, slash ? slash + 1 : target) == 0;
}

/* The path of an open file without that of the root. */
static bool strip_root(const struct tree *t, int fd, char *buf, size_t size) {
        char name[32], root[TREE_PATH_MAX], path[TREE_PATH_MAX];

        (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", t->root);
        ssize_t root_len = readlink(name, root, sizeof(root));
        (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        ssize_t len = readlink(name, path, sizeof(path) - 1);
        if (root_len <= 0 || len <= 0)
                return false;
        path[len] = '\0';
        size_t cut = root_len == 1 ? 0 : (size_t)root_len; /* the root "/" is itself the first slash */
        if (len <= root_len || memcmp(path, root, cut) != 0 || path[cut] != '/')
                return false;
        return text_copy(buf, size, path + cut + 1) == 0;
}

bool tree_path(const struct tree *t, char *buf, size_t size, const char *format, ...) {
        va_list args;

        buf[0] = '\0';
        va_start(args, format);
        int fd = open_at(t, O_PATH, format, args);
        va_end(args);
        if (fd < 0)
                return false;
        bool is_inside = strip_root(t, fd, buf, size);
        (void)close(fd);
        return is_inside;
}

const char *tree_name(char path[static TREE_PATH_MAX], const char *format, ...) {
        va_list args;

        va_start(args, format);
        if (make_path(path, format, args) < 0)
                path[0] = '\0';
        va_end(args);
        return path;
}

bool tree_exists(const struct tree *t, const char *format, ...) {
        char path[TREE_PATH_MAX];
        va_list args;

        va_start(args, format);
        int r = make_path(path, format, args);
        va_end(args);
        return r == 0 && faccessat(t->root, path, F_OK, 0) == 0;
}

static int put(int fd, const void *data, size_t len) {
        if (fd < 0)
                return fd;
        ssize_t n = write(fd, data, len);
        int r = n < 0 ? -errno : 0;
        (void)close(fd);
        return r;
}

int tree_put(const struct tree *t, const void *data, size_t len, const char *format, ...) {
        va_list args;

        va_start(args, format);
        int fd = open_at(t, O_WRONLY, format, args);
        va_end(args);
        return put(fd, data, len);
}

int tree_write(const struct tree *t, const char *text, const char *format, ...) {
        va_list args;

        va_start(args, format);
        int fd = open_at(t, O_WRONLY, format, args);
        va_end(args);
        return put(fd, text, strlen(text));
}

static int by_version(const void *a, const void *b) {
        return strverscmp(a, b);
}

static void add_name(struct tree_names *names, const char *name) {
        if (name[0] == '.' || strlen(name) >= TREE_NAME_SIZE || names->n == TREE_NAMES_MAX)
                return;
        if ((names->n & (names->n - 1)) == 0) { /* a power of two: full */
                void *more = realloc(names->items, 2 * (names->n + 1) * sizeof(*names->items));
                if (!more)
                        return;
                names->items = more;
        }
        (void)strcpy(names->items[names->n++], name);
}

struct tree_names tree_list(const struct tree *t, const char *format, ...) {
        struct tree_names names = { 0 };
        va_list args;

        va_start(args, format);
        int fd = open_at(t, O_RDONLY | O_DIRECTORY, format, args);
        va_end(args);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir) {
                if (fd >= 0)
                        (void)close(fd);
                return names;
        }
        for (struct dirent *entry; (entry = readdir(dir));)
                add_name(&names, entry->d_name);
        (void)closedir(dir);
        if (names.n > 0)
                qsort(names.items, names.n, sizeof(*names.items), by_version);
        return names;
}

void tree_names_free(struct tree_names *names) {
        free(names->items);
        *names = (struct tree_names){ 0 };
}
