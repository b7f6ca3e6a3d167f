/* All of some octets into a file; see write.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "app/bramble-agent/io/write.h"

int write_all(int fd, const void *data, size_t len) {
        for (const char *at = data; len > 0;) {
                ssize_t n = write(fd, at, len);
                if (n < 0 && errno != EINTR)
                        return -errno;
                if (n > 0) {
                        at += n;
                        len -= (size_t)n;
                }
        }
        return 0;
}
