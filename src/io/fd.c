/* Descriptors of files; see fd.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "io/fd.h"

void fd_close(int fd) {
        if (fd >= 0)
                (void)close(fd);
}

int fd_write(int fd, const void *data, size_t len, uint64_t offset) {
        const uint8_t *at = data;

        while (len > 0) {
                ssize_t n = pwrite(fd, at, len, (off_t)offset);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -EIO;
                at += n;
                len -= (size_t)n;
                offset += (uint64_t)n;
        }
        return 0;
}
