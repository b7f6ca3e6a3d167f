/*
 * Octets that come one after another: a file, or what a packed stream below holds.
 *
 * Streams stack, as formats do: xz over a disk image, zip around one. A stream owns the one below.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/error.h"

enum { STREAM_HEAD = 8192 }; /* octets from the begin that tell what a stream is */

struct stream {
        /* The next octets, at most @len: how many, 0 at the end, or -errno with a sentence. */
        ssize_t (*read)(struct stream *s, void *buf, size_t len, struct error *reterr);
        /* As lseek(2); NULL where one cannot go back. */
        int64_t (*seek)(struct stream *s, int64_t offset, int whence);
        void (*free)(struct stream *s);

        /* What stream_peek() looked at and nobody has read yet. */
        uint8_t head[STREAM_HEAD];
        size_t head_len, head_at;
};

void stream_free(struct stream *s); /* with all below; NULL is a no-op */
DEFINE_CLEANUP(struct stream, stream_free)

/** stream_open() - the file at @path; NULL with a sentence. */
struct stream *stream_open(const char *path, struct error *reterr);

/** stream_of_fd() - what a descriptor gives, which stays its caller's; NULL when out of memory. */
struct stream *stream_of_fd(int fd, struct error *reterr);

/** stream_borrow() - a stream that reads @from and leaves it to its owner; NULL when out of memory. */
struct stream *stream_borrow(struct stream *from, struct error *reterr);

/** stream_offset() - how much of a stream of a file or descriptor was read; for showing how far one is. */
uint64_t stream_offset(const struct stream *file);

ssize_t stream_read(struct stream *s, void *buf, size_t len, struct error *reterr);
int64_t stream_seek(struct stream *s, int64_t offset, int whence); /* -errno */

/** stream_peek() - the first octets, without reading them; @ret has STREAM_HEAD of them, or all if the stream
 * is shorter. Before the first read. */
MUST_CHECK int stream_peek(struct stream *s, const uint8_t **ret, size_t *ret_len, struct error *reterr);
