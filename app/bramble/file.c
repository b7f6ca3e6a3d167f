/* Files of who called; see file.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/bramble/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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

static int write_fresh(const char *fresh, const char *path, const void *octets, size_t len) {
        CLEANUP(fd_close_at) int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

        if (fd < 0)
                return -errno;
        const int r = fd_write(fd, octets, len, 0);
        return r < 0 ? r : fsync(fd) < 0 || rename(fresh, path) < 0 ? -errno : 0;
}

int file_write(const char *path, const void *octets, size_t len) {
        CLEANUP(free_at) char *fresh = NULL;
        struct stat st;

        /* A device or a pipe is written as it is: another file in its place would be a surprise. */
        if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
                CLEANUP(fd_close_at) int fd = open(path, O_WRONLY | O_CLOEXEC);
                if (fd < 0 || write(fd, octets, len) != (ssize_t)len)
                        return cli_fail(CLI_LOCAL, "%s: %s", path, strerror(errno));
                return CLI_OK;
        }
        if (asprintf(&fresh, "%s.%ld.part", path, (long)getpid()) < 0)
                return cli_fail(CLI_LOCAL, "out of memory");
        const int r = write_fresh(fresh, path, octets, len);
        if (r < 0) {
                (void)unlink(fresh);
                return cli_fail(CLI_LOCAL, "%s: %s", path, strerror(-r));
        }
        return CLI_OK;
}
