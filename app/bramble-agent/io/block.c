/* Reading and writing disks; see block.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/bramble-agent/io/block.h"
#include "base/text.h"

enum { REREAD_TRIES = 20, REREAD_WAIT_US = 100000 };

struct block {
        int fd;
        bool is_device;
        uint64_t size;
        char name[64];
};

static int measure(struct block *b, struct error *reterr) {
        struct stat status;

        if (fstat(b->fd, &status) < 0)
                return error_set(reterr, -errno, "disk %s: %s", b->name, strerror(errno));
        b->is_device = S_ISBLK(status.st_mode);
        b->size = (uint64_t)status.st_size;
        if (b->is_device && ioctl(b->fd, BLKGETSIZE64, &b->size) < 0)
                return error_set(reterr, -errno, "disk %s tells no size: %s", b->name, strerror(errno));
        return 0;
}

int block_open(const char *path, const char *name, bool may_write, struct block **ret, struct error *reterr) {
        CLEANUP(block_close_at) struct block *b = calloc(1, sizeof(*b));
        int flags = (may_write ? O_RDWR : O_RDONLY) | O_CLOEXEC;

        if (!b)
                return -ENOMEM;
        (void)text_copy(b->name, sizeof(b->name), name);
        b->fd = open(path, flags | O_DIRECT);
        if (b->fd < 0 && errno == EINVAL)
                b->fd = open(path, flags); /* a file on a file system that knows no other way */
        if (b->fd < 0)
                return error_set(reterr, -errno, "disk %s cannot be opened: %s", name, strerror(errno));
        int r = measure(b, reterr);
        if (r < 0)
                return r;
        *ret = TAKE(b);
        return 0;
}

void block_close(struct block *b) {
        if (!b)
                return;
        if (b->fd >= 0)
                (void)close(b->fd);
        free(b);
}

uint64_t block_size(const struct block *b) {
        return b->size;
}

bool block_is_device(const struct block *b) {
        return b->is_device;
}

int block_fd(const struct block *b) {
        return b->fd;
}

void *block_buffer(size_t size) {
        void *buf;
        return posix_memalign(&buf, BLOCK_ALIGN, size) == 0 ? buf : NULL;
}

int block_read(struct block *b, uint64_t offset, void *buf, size_t len, struct error *reterr) {
        for (size_t done = 0; done < len;) {
                ssize_t n = pread(b->fd, (uint8_t *)buf + done, len - done, (off_t)(offset + done));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return error_set(reterr, n < 0 ? -errno : -EIO,
                                         "disk %s cannot be read at octet %llu: %s", b->name,
                                         (unsigned long long)(offset + done),
                                         n < 0 ? strerror(errno) : "it ends there");
                done += (size_t)n;
        }
        return 0;
}

int block_write(struct block *b, uint64_t offset, const void *buf, size_t len, struct error *reterr) {
        for (size_t done = 0; done < len;) {
                ssize_t n = pwrite(b->fd, (const uint8_t *)buf + done, len - done, (off_t)(offset + done));
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return error_set(
                                reterr, n < 0 ? -errno : -EIO,
                                "disk %s cannot be written at octet %llu: %s; it may be worn out, or loose",
                                b->name, (unsigned long long)(offset + done), strerror(n < 0 ? errno : EIO));
                done += (size_t)n;
        }
        return 0;
}

/* By hand, where neither the disk nor the file system has a faster way. */
static int write_zeros(struct block *b, uint64_t offset, uint64_t len, struct error *reterr) {
        size_t size = 1 << 20;
        CLEANUP(free_at) void *zeros = block_buffer(size);

        if (!zeros)
                return error_set(reterr, -ENOMEM, "out of memory");
        memset(zeros, 0, size);
        while (len > 0) {
                size_t n = len < size ? (size_t)len : size;
                int r = block_write(b, offset, zeros, n, reterr);
                if (r < 0)
                        return r;
                offset += n;
                len -= n;
        }
        return 0;
}

int block_zero(struct block *b, uint64_t offset, uint64_t len, struct error *reterr) {
        uint64_t range[2] = { offset, len };
        int r = b->is_device ? ioctl(b->fd, BLKZEROOUT, range)
                             : fallocate(b->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                                         (off_t)len);

        if (r == 0)
                return 0;
        if (errno == EOPNOTSUPP || errno == EINVAL || errno == ENOTTY)
                return write_zeros(b, offset, len, reterr);
        return error_set(reterr, -errno, "disk %s cannot be cleared at octet %llu: %s", b->name,
                         (unsigned long long)offset, strerror(errno));
}

int block_discard(struct block *b, uint64_t offset, uint64_t len, bool is_secure) {
        uint64_t range[2] = { offset, len };

        if (b->is_device)
                return ioctl(b->fd, is_secure ? BLKSECDISCARD : BLKDISCARD, range) < 0 ? -errno : 0;
        if (is_secure)
                return -EOPNOTSUPP;
        return fallocate(b->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)len) < 0
                       ? -errno
                       : 0;
}

int block_sync(struct block *b, struct error *reterr) {
        if (fsync(b->fd) < 0)
                return error_set(reterr, -errno, "disk %s: what was written did not arrive: %s", b->name,
                                 strerror(errno));
        return 0;
}

int block_reread(struct block *b) {
        int r = 0;

        if (!b->is_device)
                return 0;
        /* Whoever was told of the disk a moment ago may still hold it open for a look. */
        for (unsigned i = 0; i < REREAD_TRIES; i++) {
                r = ioctl(b->fd, BLKRRPART) < 0 ? -errno : 0;
                if (r != -EBUSY)
                        break;
                (void)usleep(REREAD_WAIT_US);
        }
        return r;
}
