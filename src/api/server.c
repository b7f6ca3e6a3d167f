/* The API's door; see server.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <grp.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/call.h"
#include "api/dispatch.h"
#include "api/imports.h"
#include "api/peer.h"
#include "api/server.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/log.h"

enum {
        CONNECTIONS_MAX = 128, /* a thread each */
        READS_MAX = 2,         /* of them in work: the others wait, as DHCP needs the processors, too */
        TIMEOUT_S = 300,       /* of an idle connection; an import may pause between files */
        BODY_MAX = 256 * 1024, /* octets of JSON */
        SOCKET_BACKLOG = 64,
};

struct api_server {
        struct api_world world;
        struct api_imports *imports;
        struct http_server *http;
        sem_t reads; /* READS_MAX of them */
        long group;
        char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static struct api_call call_of(struct api_server *s, const struct http_request *r,
                               struct http_answer *answer) {
        return (struct api_call){ .world = &s->world,
                                  .imports = s->imports,
                                  .request = r,
                                  .now_s = clock_unix_s(),
                                  .answer = answer };
}

static bool is_welcome(const struct api_server *s, const struct http_request *r) {
        struct http_peer peer;
        return http_request_peer(r, &peer) && api_peer_is_welcome(&peer, geteuid(), s->group);
}

static void refuse(struct api_call *c) {
        struct http_peer peer = {};
        char uid[16];

        (void)http_request_peer(c->request, &peer);
        (void)snprintf(uid, sizeof(uid), "%u", peer.uid);
        log_warn("api: refused a request", "uid", uid, "path", c->request->path);
        api_problem(c, 403,
                    "permission denied: only root and members of the group %s may use this socket (usermod "
                    "-aG %s NAME)",
                    API_GROUP, API_GROUP);
}

static bool is_read(const struct http_request *r) {
        return strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;
}

/*
 * A list takes as much of a processor as it can get while it is written down: were all connections to do that
 * at once, the threads that serve boards would get a hundredth. A change waits for its commit, and is in
 * nobody's way.
 */
static void dispatch_read(struct api_server *s, struct api_call *c) {
        while (sem_wait(&s->reads) < 0)
                ; /* a signal */
        api_dispatch(c);
        (void)sem_post(&s->reads);
}

static void answer(void *ctx, const struct http_request *r, struct http_answer *ret, uint64_t *tag) {
        struct api_server *s = ctx;
        struct api_call c = call_of(s, r, ret);

        *tag = 0;
        if (!is_welcome(s, r))
                refuse(&c);
        else if (is_read(r))
                dispatch_read(s, &c);
        else
                api_dispatch(&c);
}

static void *upload_begin(void *ctx, const struct http_request *r) {
        struct api_server *s = ctx;
        char id[64];

        const char *length = http_request_header(r, "Content-Length");
        uint64_t size = 0;

        if (!is_welcome(s, r) || !api_is_upload(r, id, sizeof(id)))
                return NULL;
        if (length && text_parse_u64(length, UINT64_MAX, &size) < 0)
                size = 0;
        return api_upload_begin(s->imports, id, http_request_query(r, "path"), http_request_query(r, "role"),
                                size);
}

static int upload_data(void *ctx, void *upload, const void *data, size_t len) {
        (void)ctx;
        return api_upload_data(upload, data, len);
}

static void upload_end(void *ctx, void *upload, const struct http_request *r, struct http_answer *ret) {
        struct api_call c = call_of(ctx, r, ret);
        api_upload_end(upload, &c);
}

static void upload_abort(void *ctx, void *upload) {
        (void)ctx;
        api_upload_abort(upload);
}

static const struct http_backend backend = {
        .answer = answer,
        .upload_begin = upload_begin,
        .upload_data = upload_data,
        .upload_end = upload_end,
        .upload_abort = upload_abort,
};

static long group_number(void) {
        char buf[4096];
        struct group group, *found = NULL;
        if (getgrnam_r(API_GROUP, &group, buf, sizeof(buf), &found) != 0 || !found)
                return API_GROUP_NONE;
        return (long)found->gr_gid;
}

/* A socket file that nobody listens on is what an ended daemon left. */
static int remove_leftover(const struct sockaddr_un *at, struct error *reterr) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return error_set(reterr, -errno, "API socket: %s", strerror(errno));
        int r = connect(fd, (const struct sockaddr *)at, sizeof(*at));
        int error = errno;
        (void)close(fd);
        if (r == 0)
                return error_set(reterr, -EADDRINUSE,
                                 "API socket %s: another Bramble answers there; stop it first", at->sun_path);
        if (error == ECONNREFUSED && unlink(at->sun_path) < 0)
                return error_set(reterr, -errno,
                                 "API socket %s: cannot remove what is left of the last one: %s",
                                 at->sun_path, strerror(errno));
        return 0;
}

static int listen_at(const char *path, long group, struct error *reterr) {
        struct sockaddr_un at = { .sun_family = AF_UNIX };

        if (text_copy(at.sun_path, sizeof(at.sun_path), path) < 0)
                return error_set(reterr, -ENAMETOOLONG, "API socket %s: the path is longer than %zu octets",
                                 path, sizeof(at.sun_path) - 1);
        int r = remove_leftover(&at, reterr);
        if (r < 0)
                return r;

        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return error_set(reterr, -errno, "API socket: %s", strerror(errno));
        /* The mode is set before there is a file, so that nobody slips in between. */
        if (fchmod(fd, 0600) < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
            (group != API_GROUP_NONE && chown(path, (uid_t)-1, (gid_t)group) < 0 && errno != EPERM) ||
            chmod(path, 0660) < 0 || listen(fd, SOCKET_BACKLOG) < 0) {
                r = error_set(reterr, -errno, "API socket %s: %s", path, strerror(errno));
                (void)close(fd);
                return r;
        }
        return fd;
}

static void server_free(struct api_server *s) {
        api_imports_free(s->imports);
        (void)sem_destroy(&s->reads);
        free(s);
}

int api_server_start(const char *path, const struct api_world *world, struct api_server **ret,
                     struct error *reterr) {
        struct api_server *s = calloc(1, sizeof(*s));
        if (s)
                s->imports = api_imports_new();
        if (!s || !s->imports) {
                free(s);
                return error_set(reterr, -ENOMEM, "API: out of memory");
        }
        s->world = *world;
        (void)sem_init(&s->reads, 0, READS_MAX);
        s->group = group_number();

        int fd = listen_at(path, s->group, reterr);
        const struct http_config config = { .listen_fd = fd,
                                            .connections_max = CONNECTIONS_MAX,
                                            .timeout_s = TIMEOUT_S,
                                            .body_max = BODY_MAX,
                                            .threads_per_connection = true };
        int r = fd < 0 ? fd : http_server_start(&config, &backend, s, &s->http, reterr);
        if (r < 0) {
                if (fd >= 0)
                        (void)unlink(path);
                server_free(s);
                return r;
        }
        (void)text_copy(s->path, sizeof(s->path), path);
        *ret = s;
        return 0;
}

void api_server_tick(struct api_server *s) {
        api_imports_sweep(s->imports, clock_now_ms());
}

void api_server_stop(struct api_server *s) {
        if (!s)
                return;
        api_imports_cancel(s->imports);
        http_server_stop(s->http);
        (void)unlink(s->path);
        server_free(s);
}
