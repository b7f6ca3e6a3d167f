/* A stream into a sparse file; see pour.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/pour.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/unpack/progress.h"

enum { BUF_SIZE = 1024 * 1024, BLOCK = 4096 };

struct pouring {
        int fd;
        uint64_t size, written;
};

static bool is_zero(const uint8_t *data, size_t len) {
        return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

static int write_at(const struct pouring *p, const uint8_t *data, size_t len, uint64_t offset,
                    struct error *reterr) {
        while (len > 0) {
                ssize_t n = pwrite(p->fd, data, len, (off_t)offset);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return error_set(reterr, -errno, "what was unpacked cannot be written: %s",
                                         strerror(errno));
                data += n;
                offset += (uint64_t)n;
                len -= (size_t)n;
        }
        return 0;
}

/* Runs of blocks that are not zero are written at once. */
static int write_sparse(struct pouring *p, const uint8_t *data, size_t len, struct error *reterr) {
        size_t at = 0;

        while (at < len) {
                size_t end = at;
                while (end < len && !is_zero(data + end, len - end < BLOCK ? len - end : BLOCK))
                        end += len - end < BLOCK ? len - end : BLOCK;
                int r = write_at(p, data + at, end - at, p->size + at, reterr);
                if (r < 0)
                        return r;
                p->written += end - at;
                at = end;
                if (at < len)
                        at += len - at < BLOCK ? len - at : BLOCK;
        }
        p->size += len;
        return 0;
}

/* Blocks must be whole, or a hole would depend on how a stream is cut. */
static ssize_t fill(struct stream *from, uint8_t *buf, struct error *reterr) {
        size_t len = 0;

        while (len < BUF_SIZE) {
                ssize_t n = stream_read(from, buf + len, BUF_SIZE - len, reterr);
                if (n < 0)
                        return n;
                if (n == 0)
                        break;
                len += (size_t)n;
        }
        return (ssize_t)len;
}

static int check(const struct pouring *p, const struct stream *file, uint64_t max, struct error *reterr) {
        if (p->size > max)
                return error_set(reterr, -EFBIG, "it is larger than %llu GiB when it is unpacked",
                                 (unsigned long long)(max >> 30));
        if (p->written > POUR_UNCOUNTED && p->written / POUR_RATIO_MAX > stream_offset(file))
                return error_set(reterr, -EFBIG,
                                 "it grows more than %dfold when it is unpacked, and not by zeros: no image "
                                 "does",
                                 POUR_RATIO_MAX);
        return 0;
}

static int pour_all(struct pouring *p, struct stream *from, const struct stream *file, uint64_t max,
                    struct progress *progress, struct error *reterr) {
        CLEANUP(free_at) uint8_t *buf = malloc(BUF_SIZE);
        if (!buf)
                return error_set(reterr, -ENOMEM, "out of memory");
        for (;;) {
                ssize_t n = fill(from, buf, reterr);
                if (n <= 0)
                        return (int)n;
                int r = write_sparse(p, buf, (size_t)n, reterr);
                if (r == 0)
                        r = check(p, file, max, reterr);
                if (r < 0)
                        return r;
                progress_tell(progress, stream_offset(file));
        }
}

int pour(struct stream *from, const struct stream *file, const char *path, uint64_t max,
         struct progress *progress, uint64_t *ret_size, struct error *reterr) {
        struct pouring p = { .fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640) };
        if (p.fd < 0)
                return error_set(reterr, -errno, "%s: %s", path, strerror(errno));

        int r = pour_all(&p, from, file, max, progress, reterr);
        if (r == 0 && ftruncate(p.fd, (off_t)p.size) < 0)
                r = error_set(reterr, -errno, "%s: %s", path, strerror(errno));
        (void)close(p.fd);
        if (r == 0)
                *ret_size = p.size;
        return r;
}
