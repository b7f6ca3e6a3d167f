/* Small things with files; see helper.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble-helper/helper.h"
#include "base/text.h"

char *helper_join(const char *first, ...) {
        struct text out = {};
        va_list args;

        text_append(&out, first);
        va_start(args, first);
        for (const char *part; (part = va_arg(args, const char *));) {
                text_append(&out, "/");
                text_append(&out, part);
        }
        va_end(args);
        char *path = text_take(&out);
        if (!path)
                abort();
        return path;
}

char *helper_read_file(const char *path, size_t max, size_t *ret_len) {
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        CLEANUP(free_at) char *data = fd < 0 ? NULL : calloc(1, max + 1);
        size_t len = 0;

        while (data && len <= max) {
                ssize_t n = read(fd, data + len, max + 1 - len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        break;
                len += (size_t)n;
        }
        if (fd >= 0)
                (void)close(fd);
        if (!data || len > max)
                return NULL;
        data[len] = 0;
        if (ret_len)
                *ret_len = len;
        return TAKE(data);
}

static int write_all(int fd, const char *text, size_t len) {
        for (size_t done = 0; done < len;) {
                ssize_t n = write(fd, text + done, len - done);
                if (n < 0 && errno != EINTR)
                        return -errno;
                done += n > 0 ? (size_t)n : 0;
        }
        return fsync(fd) < 0 ? -errno : 0;
}

int helper_write_file(const char *path, const char *text, size_t len, struct error *reterr) {
        CLEANUP(free_at) char *fresh = NULL;

        if (asprintf(&fresh, "%s.new", path) < 0)
                return error_set(reterr, -ENOMEM, "out of memory");
        int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        int r = fd < 0 ? -errno : write_all(fd, text, len);
        if (fd >= 0)
                (void)close(fd);
        if (r == 0 && rename(fresh, path) < 0)
                r = -errno;
        return r < 0 ? error_set(reterr, r, "cannot write %s: %s", path, strerror(-r)) : 0;
}

int helper_lock(const char *path, int how) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

        if (fd < 0)
                return -errno;
        while (flock(fd, how) < 0) {
                if (errno == EINTR)
                        continue;
                int r = -errno;
                (void)close(fd);
                return r;
        }
        return fd;
}

void helper_unlock(int *fd) {
        if (*fd >= 0)
                (void)close(*fd);
}
