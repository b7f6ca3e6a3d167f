/* Responses; see reply.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/http/reply.h"

enum {
        INLINE_MAX =
                16 * 1024, /* octets: copying so few costs less than a descriptor and a second system call */
        FILE_BLOCK = 64 * 1024, /* octets read at once where a file has several segments; each such transfer
                                   holds one */
        STREAM_BLOCK = 8 * 1024
};

/* A part of a boot file, read as the connection takes it. */
struct part {
        struct boot_file *file;
        uint64_t offset, len;
};

static ssize_t part_read(void *ctx, uint64_t at, char *buf, size_t max) {
        const struct part *p = ctx;

        if (at >= p->len)
                return MHD_CONTENT_READER_END_OF_STREAM;
        uint64_t left = p->len - at;
        int64_t n = boot_file_read(p->file, p->offset + at, buf, max < left ? max : (size_t)left);
        return n > 0 ? (ssize_t)n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void part_free(void *ctx) {
        struct part *p = ctx;
        boot_file_drop(p->file);
        free(p);
}

static ssize_t never_read(void *ctx, uint64_t at, char *buf, size_t max) {
        (void)ctx, (void)at, (void)buf, (void)max;
        return MHD_CONTENT_READER_END_WITH_ERROR;
}

/* A head that names a length, for answers whose body is not sent: HEAD and 304 (RFC 9110 section 8.6). */
static struct MHD_Response *length_alone(uint64_t len) {
        return MHD_create_response_from_callback(len, 1, never_read, NULL, NULL);
}

static void file_free(void *ctx) {
        boot_file_drop(ctx);
}

/* The one segment that holds all of a part, and where in it the part begins; NULL when there are several. */
static const struct boot_segment *segment_of(const struct boot_file *f, const struct http_selection *s,
                                             uint64_t *ret_at) {
        uint64_t start = 0;

        for (size_t i = 0; i < f->n_segments; i++) {
                const struct boot_segment *segment = &f->segments[i];
                if (s->offset >= start && s->offset - start < segment->len) {
                        *ret_at = s->offset - start;
                        return s->len <= segment->len - *ret_at ? segment : NULL;
                }
                start += segment->len;
        }
        return NULL;
}

static struct MHD_Response *copied(const struct boot_file *f, const struct http_selection *s) {
        char *octets = malloc(s->len ? s->len : 1);
        if (!octets)
                return NULL;
        if (s->len && boot_file_read(f, s->offset, octets, s->len) != (int64_t)s->len) {
                free(octets);
                return NULL;
        }
        return MHD_create_response_from_buffer(s->len, octets, MHD_RESPMEM_MUST_FREE);
}

static struct MHD_Response *from_descriptor(const struct boot_segment *segment, uint64_t at, uint64_t len) {
        int fd = dup(segment->blob->fd); /* the response closes its descriptor */
        if (fd < 0)
                return NULL;
        struct MHD_Response *r = MHD_create_response_from_fd_at_offset64(len, fd, segment->offset + at);
        if (!r)
                (void)close(fd);
        return r;
}

static struct MHD_Response *from_reader(struct boot_file *f, const struct http_selection *s) {
        struct part *p = malloc(sizeof(*p));
        if (!p)
                return NULL;
        *p = (struct part){ .file = boot_file_take(f), .offset = s->offset, .len = s->len };
        struct MHD_Response *r =
                MHD_create_response_from_callback(s->len, FILE_BLOCK, part_read, p, part_free);
        if (!r)
                part_free(p);
        return r;
}

/* Where the octets come from: copied when few, from memory or by sendfile when they lie in one place, else by
 * reading. */
static struct MHD_Response *file_response(struct boot_file *f, const struct http_selection *s) {
        uint64_t at = 0;
        const struct boot_segment *segment = segment_of(f, s, &at);

        if (s->len <= INLINE_MAX)
                return copied(f, s);
        if (segment && !segment->blob)
                return MHD_create_response_from_buffer_with_free_callback_cls(
                        s->len, (void *)(segment->octets + at), file_free, boot_file_take(f));
        if (segment && segment->blob->fd >= 0) {
                struct MHD_Response *r = from_descriptor(segment, at, s->len);
                if (r)
                        return r; /* else out of descriptors: it can still be read */
        }
        return from_reader(f, s);
}

static void add_header(struct MHD_Response *r, const char *name, const char *value) {
        /* A value that is refused holds a line break: then the answer is better without it. */
        (void)MHD_add_response_header(r, name, value);
}

static void add_content_range(struct MHD_Response *r, const struct http_selection *s, uint64_t size) {
        char text[80];

        if (s->kind == HTTP_UNSATISFIABLE)
                (void)snprintf(text, sizeof(text), "bytes */%" PRIu64, size);
        else
                (void)snprintf(text, sizeof(text), "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, s->offset,
                               s->offset + s->len - 1, size);
        add_header(r, MHD_HTTP_HEADER_CONTENT_RANGE, text);
}

static struct MHD_Response *empty(void) {
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static void reply_with_file(struct http_reply *reply, const struct http_answer *a,
                            const struct http_conditions *c) {
        struct boot_file *f = a->file;
        bool is_ok = reply->status ==
                     MHD_HTTP_OK; /* conditions are for what would succeed, RFC 9110 section 13.2.1 */

        reply->selection =
                is_ok ? http_select(c, f->etag, f->size) : (struct http_selection){ HTTP_WHOLE, 0, f->size };
        if (is_ok)
                reply->status = reply->selection.kind;

        if (c->is_head || reply->selection.kind == HTTP_NOT_MODIFIED)
                reply->response = length_alone(f->size);
        else if (reply->selection.kind == HTTP_WHOLE || reply->selection.kind == HTTP_PART)
                reply->response = file_response(f, &reply->selection);
        else
                reply->response = empty();
        if (!reply->response)
                return;
        add_header(reply->response, MHD_HTTP_HEADER_ETAG, f->etag);
        add_header(reply->response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
        if (reply->selection.kind == HTTP_PART || reply->selection.kind == HTTP_UNSATISFIABLE)
                add_content_range(reply->response, &reply->selection, f->size);
}

struct stream {
        struct http_answer answer; /* its stream alone */
        bool (*is_stopping)(void *ctx);
        void *ctx;
};

static ssize_t stream_read(void *ctx, uint64_t at, char *buf, size_t max) {
        struct stream *s = ctx;
        int64_t n;

        (void)at;
        do {
                if (s->is_stopping(s->ctx))
                        return MHD_CONTENT_READER_END_OF_STREAM;
                n = s->answer.stream(s->answer.stream_ctx, buf, max);
        } while (n == -EAGAIN);
        if (n == 0)
                return MHD_CONTENT_READER_END_OF_STREAM;
        return n > 0 ? (ssize_t)n : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void stream_free(void *ctx) {
        struct stream *s = ctx;
        s->answer.stream_free(s->answer.stream_ctx);
        free(s);
}

static struct MHD_Response *stream_response(const struct http_answer *a, bool (*is_stopping)(void *ctx),
                                            void *ctx) {
        struct stream *s = malloc(sizeof(*s));
        if (!s) {
                a->stream_free(a->stream_ctx);
                return NULL;
        }
        *s = (struct stream){ .answer = *a, .is_stopping = is_stopping, .ctx = ctx };
        struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK,
                                                                   stream_read, s, stream_free);
        if (!r)
                stream_free(s);
        return r;
}

struct http_reply http_reply_make(struct http_answer *a, const struct http_conditions *c,
                                  bool (*is_stopping)(void *ctx), void *ctx) {
        struct http_reply reply = { .status = a->status ? a->status : MHD_HTTP_OK };

        if (a->file) {
                reply_with_file(&reply, a, c);
                boot_file_drop(a->file);
        } else if (a->stream) {
                reply.response = stream_response(a, is_stopping, ctx);
        } else if (a->body && a->etag[0] && reply.status == MHD_HTTP_OK && c->if_none_match &&
                   http_tag_listed(c->if_none_match, a->etag, true)) {
                reply.status = MHD_HTTP_NOT_MODIFIED;
                reply.response = length_alone(a->body_len);
                free(a->body);
        } else if (a->body) {
                reply.response = MHD_create_response_from_buffer(a->body_len, a->body, MHD_RESPMEM_MUST_FREE);
                if (!reply.response)
                        free(a->body);
        } else {
                reply.response = empty();
        }
        if (!reply.response)
                return reply;

        if (a->file || a->body || a->stream)
                add_header(reply.response, MHD_HTTP_HEADER_CONTENT_TYPE,
                           a->content_type ? a->content_type : "application/octet-stream");
        if (a->etag[0])
                add_header(reply.response, MHD_HTTP_HEADER_ETAG, a->etag);
        if (a->location[0])
                add_header(reply.response, MHD_HTTP_HEADER_LOCATION, a->location);
        if (a->allow[0])
                add_header(reply.response, MHD_HTTP_HEADER_ALLOW, a->allow);
        return reply;
}
