/* Members of a gzip one after another, checksums included; see gzip.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "core/unpack/gzip.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

enum { IN_SIZE = 64 * 1024 };

struct gzip_stream {
        struct stream stream;
        struct stream *below;
        z_stream z;
        bool is_between; /* a member ended; whether another one follows is not known yet */
        uint8_t in[IN_SIZE];
};

static int broken(const char *what, struct error *reterr) {
        return error_set(reterr, -EBADMSG, "the gzip data %s", what);
}

/* More octets to inflate: how many, 0 at the end of the file. */
static ssize_t refill(struct gzip_stream *g, struct error *reterr) {
        if (g->z.avail_in > 0)
                return (ssize_t)g->z.avail_in;
        ssize_t n = stream_read(g->below, g->in, sizeof(g->in), reterr);
        if (n > 0) {
                g->z.next_in = g->in;
                g->z.avail_in = (uInt)n;
        }
        return n;
}

/* Some writers fill their last block with zeros: those are the end. */
static bool is_padding(const struct gzip_stream *g) {
        return *g->z.next_in == 0;
}

static ssize_t gzip_read(struct stream *s, void *buf, size_t len, struct error *reterr) {
        struct gzip_stream *g = (struct gzip_stream *)s;

        g->z.next_out = buf;
        g->z.avail_out = len > UINT32_MAX ? UINT32_MAX : (uInt)len;
        uInt wanted = g->z.avail_out;
        while (g->z.avail_out == wanted) {
                ssize_t n = refill(g, reterr);
                if (n < 0)
                        return n;
                if (g->is_between && (n == 0 || is_padding(g)))
                        return 0;
                if (n == 0)
                        return broken("is cut: it goes on behind the end of the file", reterr);
                if (g->is_between && inflateReset(&g->z) != Z_OK)
                        return broken("cannot be read", reterr);
                g->is_between = false;
                int r = inflate(&g->z, Z_NO_FLUSH);
                if (r == Z_STREAM_END)
                        g->is_between = true;
                else if (r != Z_OK && r != Z_BUF_ERROR)
                        return broken(g->z.msg ? "is damaged: its checksum or its codes are wrong"
                                               : "is damaged",
                                      reterr);
        }
        return (ssize_t)(wanted - g->z.avail_out);
}

static void gzip_free(struct stream *s) {
        struct gzip_stream *g = (struct gzip_stream *)s;

        (void)inflateEnd(&g->z);
        stream_free(g->below);
        free(g);
}

int open_gzip(struct stream *below, struct stream **ret, struct error *reterr) {
        struct gzip_stream *g = calloc(1, sizeof(*g));

        if (!g || inflateInit2(&g->z, 16 + MAX_WBITS) != Z_OK) { /* 16: with gzip's header */
                free(g);
                return error_set(reterr, -ENOMEM, "out of memory");
        }
        g->stream = (struct stream){ .read = gzip_read, .free = gzip_free };
        g->below = below;
        *ret = &g->stream;
        return 0;
}
