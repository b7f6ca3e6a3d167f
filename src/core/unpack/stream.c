/* Streams; see stream.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file_stream {
        struct stream stream;
        int fd;
        bool is_owner; /* of the descriptor */
        uint64_t offset;
};

static ssize_t file_read(struct stream *s, void *buf, size_t len, struct error *reterr) {
        struct file_stream *f = (struct file_stream *)s;
        ssize_t n;

        do
                n = read(f->fd, buf, len);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return error_set(reterr, -errno, "the file cannot be read: %s", strerror(errno));
        f->offset += (uint64_t)n;
        return n;
}

static int64_t file_seek(struct stream *s, int64_t offset, int whence) {
        struct file_stream *f = (struct file_stream *)s;
        off_t at = lseek(f->fd, (off_t)offset, whence);

        if (at < 0)
                return -errno;
        f->offset = (uint64_t)at;
        return at;
}

static void file_free(struct stream *s) {
        struct file_stream *f = (struct file_stream *)s;

        if (f->is_owner && f->fd >= 0)
                (void)close(f->fd);
        free(f);
}

struct stream *stream_open(const char *path, struct error *reterr) {
        struct file_stream *f = calloc(1, sizeof(*f));
        if (!f) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        f->stream = (struct stream){ .read = file_read, .seek = file_seek, .free = file_free };
        f->is_owner = true;
        f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (f->fd < 0) {
                (void)error_set(reterr, -errno, "the file cannot be read: %s", strerror(errno));
                stream_free(&f->stream);
                return NULL;
        }
        return &f->stream;
}

struct stream *stream_of_fd(int fd, struct error *reterr) {
        struct file_stream *f = calloc(1, sizeof(*f));
        if (!f) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        f->stream = (struct stream){ .read = file_read, .free = file_free };
        f->fd = fd;
        return &f->stream;
}

struct borrowed_stream {
        struct stream stream;
        struct stream *from;
};

static ssize_t borrowed_read(struct stream *s, void *buf, size_t len, struct error *reterr) {
        return stream_read(((struct borrowed_stream *)s)->from, buf, len, reterr);
}

static void borrowed_free(struct stream *s) {
        free(s);
}

struct stream *stream_borrow(struct stream *from, struct error *reterr) {
        struct borrowed_stream *b = calloc(1, sizeof(*b));
        if (!b) {
                (void)error_set(reterr, -ENOMEM, "out of memory");
                return NULL;
        }
        b->stream = (struct stream){ .read = borrowed_read, .free = borrowed_free };
        b->from = from;
        return &b->stream;
}

uint64_t stream_offset(const struct stream *file) {
        return ((const struct file_stream *)file)->offset;
}

void stream_free(struct stream *s) {
        if (s)
                s->free(s);
}

ssize_t stream_read(struct stream *s, void *buf, size_t len, struct error *reterr) {
        size_t waiting = s->head_len - s->head_at;

        if (waiting == 0)
                return s->read(s, buf, len, reterr);
        if (len > waiting)
                len = waiting;
        memcpy(buf, s->head + s->head_at, len);
        s->head_at += len;
        return (ssize_t)len;
}

int64_t stream_seek(struct stream *s, int64_t offset, int whence) {
        int64_t waiting = (int64_t)(s->head_len - s->head_at);

        if (!s->seek)
                return -ESPIPE;
        if (whence == SEEK_CUR)
                offset -= waiting; /* the stream is that much ahead of its reader */
        s->head_len = s->head_at = 0;
        return s->seek(s, offset, whence);
}

int stream_peek(struct stream *s, const uint8_t **ret, size_t *ret_len, struct error *reterr) {
        while (s->head_len < sizeof(s->head)) {
                ssize_t n = s->read(s, s->head + s->head_len, sizeof(s->head) - s->head_len, reterr);
                if (n < 0)
                        return (int)n;
                if (n == 0)
                        break;
                s->head_len += (size_t)n;
        }
        *ret = s->head;
        *ret_len = s->head_len;
        return 0;
}
