/* Files of who called; see file.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble/cli.h"
#include "io/fd.h"

void file_octets_end(struct file_octets *f) {
        free(f->octets);
}

static inline void stream_end(FILE **f) {
        if (*f)
                (void)fclose(*f);
}

int file_read(const char *path, size_t max, struct file_octets *ret) {
        CLEANUP(stream_end) FILE *f = fopen(path, "re");
        CLEANUP(free_at) uint8_t *octets = f ? malloc(max + 2) : NULL;

        if (!octets)
                return cli_fail(CLI_LOCAL, "%s: %s", path, strerror(errno));
        const size_t len = fread(octets, 1, max + 1, f);
        if (ferror(f))
                return cli_fail(CLI_LOCAL, "%s: %s", path, strerror(errno));
        if (len > max)
                return cli_fail(CLI_LOCAL, "%s: has more than %zu octets, and cannot be what it should be",
                                path, max);
        octets[len] = 0;
        *ret = (struct file_octets){ .octets = TAKE(octets), .len = len };
        return CLI_OK;
}

int file_target(const char *path, char **ret, struct error *reterr) {
        struct stat st;
        const bool is_there = stat(path, &st) == 0;

        if (is_there && S_ISDIR(st.st_mode))
                return error_set(reterr, -EISDIR, "%s: is a folder", path);
        if (is_there && !S_ISREG(st.st_mode))
                return error_set(reterr, -ENOTSUP, "%s: is a device or the like, and no file", path);
        *ret = is_there ? realpath(path, NULL) : strdup(path);
        return *ret ? 0 : error_set(reterr, -errno, "%s: %s", path, strerror(errno));
}

static int fail(const char *path, int error) {
        return cli_fail(CLI_LOCAL, "%s: %s", path, strerror(error));
}

int file_new_begin(const char *path, struct file_new *ret) {
        CLEANUP(free_at) char *target = NULL, *fresh = NULL;
        struct error err = {};

        if (file_target(path, &target, &err) < 0)
                return cli_fail_with(CLI_LOCAL, &err);
        if (asprintf(&fresh, "%s.%ld.part", target, (long)getpid()) < 0) {
                fresh = NULL;
                return cli_fail(CLI_LOCAL, "out of memory");
        }
        const int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0)
                return fail(path, errno);
        *ret = (struct file_new){ .target = TAKE(target), .fresh = TAKE(fresh), .fd = fd };
        return CLI_OK;
}

int file_new_settle(struct file_new *f) {
        if (fsync(f->fd) < 0 || rename(f->fresh, f->target) < 0)
                return fail(f->target, errno);
        free(TAKE(f->fresh));
        return CLI_OK;
}

void file_new_end(struct file_new *f) {
        if (f->target)
                fd_close(f->fd);
        if (f->fresh)
                (void)unlink(f->fresh);
        free(f->target);
        free(f->fresh);
}

int file_write(const char *path, const void *octets, size_t len) {
        CLEANUP(file_new_end) struct file_new f = {};
        struct stat st;

        /* A device or a pipe is written as it is: another file in its place would be a surprise. */
        if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
                CLEANUP(fd_close_at) int fd = open(path, O_WRONLY | O_CLOEXEC);
                return fd < 0 || write(fd, octets, len) != (ssize_t)len ? fail(path, errno) : CLI_OK;
        }
        int code = file_new_begin(path, &f);
        if (code != CLI_OK)
                return code;
        const int r = fd_write(f.fd, octets, len, 0);
        return r < 0 ? fail(path, -r) : file_new_settle(&f);
}
