/* Blobs from files; see blob.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/blob.h"

static int file_read(struct blob *b, uint64_t offset, void *buf, size_t len) {
        uint8_t *at = buf;

        while (len > 0) {
                ssize_t n = pread(b->fd, at, len, (off_t)offset);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return -EIO; /* shorter than it was when it was opened: blobs never change */
                at += n;
                offset += (uint64_t)n;
                len -= (size_t)n;
        }
        return 0;
}

static void file_free(struct blob *b) {
        (void)close(b->fd);
        free(b);
}

struct blob *blob_open_file(const char *path, const struct blob_id *id, int *error) {
        struct blob *b = calloc(1, sizeof(*b));
        if (!b) {
                *error = -ENOMEM;
                return NULL;
        }
        *b = (struct blob){ .id = *id, .read = file_read, .free = file_free };
        ref_init(&b->ref);
        b->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

        struct stat status;
        if (b->fd < 0 || fstat(b->fd, &status) < 0) {
                *error = -errno;
                if (b->fd >= 0)
                        (void)close(b->fd);
                free(b);
                return NULL;
        }
        b->size = (uint64_t)status.st_size;
        return b;
}
