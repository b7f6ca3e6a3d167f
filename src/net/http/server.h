/*
 * HTTP over libmicrohttpd, for boot files and for the API alike: routing is the handler's, this knows no
 * paths.
 *
 * Boot files are answered with Content-Length, ETag, Range and HEAD; what lies in one blob goes out by
 * sendfile. Nothing is redirected or compressed, and no file is ever sent in chunks: firmware understands
 * neither.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bootfile.h"
#include "base/error.h"

struct credential;

struct http_request {
        const char *method, *path;     /* the path is decoded, without the query */
        struct ip_addr client, server; /* IP_NONE on a Unix socket */
        const void *body; /* whole body, NUL-terminated, when it was collected; NULL when it was not */
        size_t body_len;
        bool is_again;      /* it was decided to let it wait, and now it is decided anew */
        uint64_t waited_ms; /* since then */
        bool is_secret;     /* it came by TLS */
        void *connection;   /* for the functions below */
};

const char *http_request_header(const struct http_request *r, const char *name); /* NULL when absent */
const char *http_request_query(const struct http_request *r, const char *key); /* decoded; NULL when absent */

/** http_request_each_query() - every key of the query until @fn returns false; a key without value has NULL.
 */
void http_request_each_query(const struct http_request *r,
                             bool (*fn)(void *ctx, const char *key, const char *value), void *ctx);

/* Who is at the other end of a Unix socket, as the kernel knew it when they connected. */
struct http_peer {
        unsigned uid, gid;
        unsigned groups[64]; /* supplementary ones */
        size_t n_groups;
};
bool http_request_peer(const struct http_request *r, struct http_peer *ret); /* false: not a Unix socket */

/* An answer. Exactly one of @file, @body, @stream is set, or none for an empty one. */
struct http_answer {
        /*
         * Not yet: the request waits without a thread, and is decided anew when http_server_wake() names
         * @wait_key, or when this long has passed. Nothing else is set then. Only in a pool; a server that
         * ends answers 503.
         */
        unsigned wait_ms;
        uint64_t wait_key;

        unsigned status; /* 0: 200 */
        struct boot_file
                *file; /* one reference, the server's from then on; conditions and ranges are looked to */
        char *body;    /* malloc()ed, the server's from then on */
        size_t body_len;
        const char *content_type; /* static; NULL: application/octet-stream */
        char allow[48];           /* Allow header; "" none */
        char etag[40];            /* ETag header with its quotes; "" none; a file brings its own */
        char location[256];       /* Location header; "" none */

        /*
         * Long answers that grow (boot watch): called for the next octets until it returns 0 (end) or -errno.
         * May wait, for about a second at most, and answers -EAGAIN when there was nothing: a server that
         * stops waits for it.
         */
        int64_t (*stream)(void *ctx, char *buf, size_t size);
        void (*stream_free)(void *ctx);
        void *stream_ctx;
};

/* What became of an answer, when the connection is done with it. */
struct http_report {
        struct ip_addr client;
        char method[8];
        char path[256]; /* cut if longer */
        unsigned status;
        uint64_t tag;
        uint64_t start_ms, end_ms; /* monotonic */
        uint64_t size;             /* octets of the whole file */
        uint64_t offset, len;      /* the part that was to be sent */
        uint64_t sent; /* octets of it; of an answer cut short, what the client's TCP acknowledged, its head
                          included */
        bool is_head, is_complete;
};

struct http_backend {
        /* Decides an answer. Any of the server's threads may call it. @tag comes back in the report. */
        void (*answer)(void *ctx, const struct http_request *r, struct http_answer *ret, uint64_t *tag);
        void (*report)(void *ctx, const struct http_report *r); /* may be NULL */

        /* TLS: a connection ended that no request came by, as after a handshake that failed. Any of the
         * server's threads; may be NULL. */
        void (*unasked)(void *ctx, const struct ip_addr *client);

        /*
         * How many octets of a body are collected for answer(); asked when the head is there. A longer body
         * is read and thrown away, and answered 413. 0: it is all thrown away, and answer() decides without
         * it. NULL: config.body_max for every request.
         */
        size_t (*body_max)(void *ctx, const struct http_request *r);

        /*
         * Uploads: the body of a request that begin() accepts is handed over piece by piece and never held
         * whole. begin() returns a state, or NULL: the body is collected up to body_max octets and given to
         * answer(). When data() fails, the rest of the body is read and thrown away. end() answers; when the
         * connection breaks first, abort() is called instead. All four may be NULL together. For servers with
         * threads_per_connection: the epoll pool may see the end of a broken upload only when its idle time
         * is over.
         */
        void *(*upload_begin)(void *ctx, const struct http_request *r);
        int (*upload_data)(void *ctx, void *upload, const void *data, size_t len);
        void (*upload_end)(void *ctx, void *upload, const struct http_request *r, struct http_answer *ret);
        void (*upload_abort)(void *ctx, void *upload);
};

struct http_config {
        uint16_t port; /* ignored when listen_fd >= 0; 0: any free one */
        int listen_fd; /* an open, listening socket that the server takes over; -1: IPv4 TCP on @port, all
                          addresses */
        unsigned connections_max;
        unsigned connections_per_client_max; /* 0: no limit */
        unsigned timeout_s;                  /* of an idle connection */
        size_t body_max;                     /* octets of a collected body */
        size_t bodies_max;           /* of all that are collected at one time; beyond it 503; 0: no limit */
        bool threads_per_connection; /* for the API, whose handlers wait; boot HTTP uses one epoll thread pool
                                      */
        unsigned n_threads;          /* of that pool */
        struct credential *credential; /* by which it is known in TLS, 1.2 or 1.3; a reference of its own is
                                          taken; NULL: plain HTTP */
};

struct http_server;

/** http_server_start() - open the port and start the threads; 0, or -errno with a sentence. @backend lives as
 * long as the server. */
MUST_CHECK int http_server_start(const struct http_config *config, const struct http_backend *backend,
                                 void *ctx, struct http_server **ret, struct error *reterr);

/** http_server_set_credential() - any thread: what handshakes show from now on, of a server that began with
 * one. */
void http_server_set_credential(struct http_server *s, struct credential *credential);

uint16_t http_server_port(const struct http_server *s);        /* 0 for a Unix socket */
unsigned http_server_connections(const struct http_server *s); /* open now */
unsigned http_server_waiting(struct http_server *s);           /* of these, waiting without a thread */

/** http_server_wake() - any thread: the requests that wait for @key are decided anew. None that is about to
 * wait is missed. */
void http_server_wake(struct http_server *s, uint64_t key);

/** http_server_tick() - looks for waits that are over; where requests wait it must be called about once a
 * second. */
void http_server_tick(struct http_server *s, uint64_t now_ms);
void http_server_stop(struct http_server *s); /* waits for handlers; frees; NULL is a no-op */
