/*
 * HTTP over libmicrohttpd, for boot files and for the API alike: routing is the handler's, this knows no paths.
 *
 * Boot files are answered with Content-Length, ETag, Range and HEAD; one blob goes out by sendfile.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bootfile.h"
#include "base/error.h"

struct http_request {
        const char *method, *path; /* the path is decoded, without the query */
        struct ip_addr client, server; /* IP_NONE on a Unix socket */
        unsigned uid;                /* of the peer on a Unix socket; UINT_MAX otherwise */
        const void *body;          /* whole body when it is small; NULL when it is streamed */
        size_t body_len;
        void *connection;          /* for http_request_header() and http_request_query() */
};

const char *http_request_header(const struct http_request *r, const char *name); /* NULL when absent */
const char *http_request_query(const struct http_request *r, const char *key);   /* likewise */

/* An answer. Exactly one of @file, @body, @stream is set, or none for an empty one. */
struct http_answer {
        unsigned status;
        struct boot_file *file;   /* one reference, the server's from then on */
        char *body;               /* malloc()ed, the server's from then on */
        size_t body_len;
        const char *content_type; /* static; NULL: application/octet-stream */
        char location[256];       /* Location header; "" none */

        /* Long answers that grow (boot watch): called for the next octets until it returns 0 (end) or -errno. May wait. */
        int64_t (*stream)(void *ctx, char *buf, size_t size);
        void (*stream_free)(void *ctx);
        void *stream_ctx;
};

/* What became of a boot file's answer, when the connection is done with it. */
struct http_report {
        struct ip_addr client;
        char path[256];
        unsigned status;
        uint64_t tag;
        uint64_t start_ms, end_ms;
        uint64_t size, sent;
        bool is_head, is_complete;
};

struct http_backend {
        /* Decides an answer. Any of the server's threads may call it. @tag comes back in the report. */
        void (*answer)(void *ctx, const struct http_request *r, struct http_answer *ret, uint64_t *tag);
        void (*report)(void *ctx, const struct http_report *r); /* may be NULL */

        /*
         * Uploads: the body of a request that begin() accepts is handed over piece by piece and never held whole.
         * begin() returns a state, or NULL: the body is collected up to body_max octets and given to answer().
         * end() answers; when the connection breaks first, abort() is called instead.
         */
        void *(*upload_begin)(void *ctx, const struct http_request *r);
        int (*upload_data)(void *ctx, void *upload, const void *data, size_t len);
        void (*upload_end)(void *ctx, void *upload, const struct http_request *r, struct http_answer *ret);
        void (*upload_abort)(void *ctx, void *upload);
};

struct http_config {
        uint16_t port;             /* ignored when listen_fd >= 0 */
        int listen_fd;             /* an open, listening socket that the server takes over; -1: TCP on @port, all addresses */
        unsigned connections_max;
        unsigned connections_per_client_max; /* 0: no limit */
        unsigned timeout_s;        /* of an idle connection */
        size_t body_max;           /* octets of a collected body */
        bool threads_per_connection; /* for the API, whose handlers wait; boot HTTP uses one epoll thread pool */
        unsigned n_threads;
};

struct http_server;

MUST_CHECK int http_server_start(const struct http_config *config, const struct http_backend *backend, void *ctx,
                                 struct http_server **ret, struct error *reterr);
void http_server_stop(struct http_server *s); /* waits for handlers; frees */
