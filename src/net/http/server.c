/* The HTTP server; see server.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "io/clock.h"
#include "io/credential.h"
#include "io/thread.h"
#include "net/http/reply.h"
#include "net/http/waiting.h"

enum {
        BACKLOG =
                4096, /* a shelf that is switched on connects all at once; the kernel cuts it to somaxconn */

        /* Octets of one connection's buffer, which holds the request's head and the answer's. */
        MEMORY_BOOT = 4 * 1024, /* firmware says little; 10,000 idle connections cost 40 MiB of it */
        MEMORY_API = 64 * 1024, /* uploads come through it */
};

/* What firmware of today understands and no more: older ones are broken. */
static const char tls_versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

struct http_server {
        struct http_config config;
        const struct http_backend *backend;
        void *ctx;
        struct MHD_Daemon *daemon;
        uint16_t port;
        atomic_bool is_stopping;
        atomic_size_t collected; /* octets of bodies that are held now */

        pthread_mutex_t lock; /* of what follows; held for a few instructions */
        struct http_waiting *waiting;
        uint64_t n_wakes;              /* so that none between a look and a wait is missed */
        struct credential *credential; /* NULL: plain HTTP */
};

/* One request and its answer, from the head's last line until the connection is done with it. */
struct exchange {
        struct ip_addr client, server;
        void *upload;
        size_t body_max;  /* octets; 0: the body is thrown away */
        unsigned refusal; /* status: its upload failed, its body is too long, or there is no room for it; 0:
                             none */
        bool was_answered;
        struct text body;
        struct MHD_Connection *connection; /* while it waits */
        struct http_wait wait;
        uint64_t wait_start_ms; /* monotonic; 0: it never waited */
        struct http_report report;
        uint64_t acked_before; /* octets that the client had acknowledged when the answer began */
};

/* One connection of a server that speaks TLS. */
struct tls_connection {
        struct ip_addr client;
        bool has_asked; /* a request came through: the handshake was one */
};

static int descriptor(struct MHD_Connection *c) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        return info ? info->connect_fd : -1;
}

static struct ip_addr ip_of(const struct sockaddr_storage *a) {
        if (a->ss_family != AF_INET)
                return (struct ip_addr){};
        return ip_from_v4(ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr));
}

static struct ip_addr client_ip(struct MHD_Connection *c) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        if (!info || !info->client_addr || info->client_addr->sa_family != AF_INET)
                return (struct ip_addr){};
        return ip_from_v4(
                ntohl(((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr.s_addr));
}

static struct ip_addr server_ip(int fd) {
        struct sockaddr_storage a = {};
        socklen_t len = sizeof(a);
        return getsockname(fd, (struct sockaddr *)&a, &len) == 0 ? ip_of(&a) : (struct ip_addr){};
}

/* What the peer's TCP has acknowledged on this connection so far: the truth about what arrived. */
static uint64_t acked(int fd) {
        struct tcp_info info = {};
        socklen_t len = sizeof(info);

        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0 ||
            len < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof(info.tcpi_bytes_acked))
                return 0;
        return info.tcpi_bytes_acked;
}

const char *http_request_header(const struct http_request *r, const char *name) {
        return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

const char *http_request_query(const struct http_request *r, const char *key) {
        return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, key);
}

struct each_query {
        bool (*fn)(void *ctx, const char *key, const char *value);
        void *ctx;
};

static enum MHD_Result visit_query(void *ctx, enum MHD_ValueKind kind, const char *key, const char *value) {
        const struct each_query *each = ctx;
        (void)kind;
        return each->fn(each->ctx, key, value) ? MHD_YES : MHD_NO;
}

void http_request_each_query(const struct http_request *r,
                             bool (*fn)(void *ctx, const char *key, const char *value), void *ctx) {
        struct each_query each = { .fn = fn, .ctx = ctx };
        (void)MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, visit_query, &each);
}

bool http_request_peer(const struct http_request *r, struct http_peer *ret) {
        struct http_peer peer = {};
        struct ucred who;
        socklen_t len = sizeof(who), groups_len = sizeof(peer.groups);
        int fd = descriptor(r->connection), domain = 0;
        socklen_t domain_len = sizeof(domain);

        if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) < 0 || domain != AF_UNIX ||
            getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
                return false;
        peer.uid = who.uid;
        peer.gid = who.gid;
        /* More groups than fit: they count as none, which refuses and never lets in. */
        if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer.groups, &groups_len) == 0)
                peer.n_groups = groups_len / sizeof(peer.groups[0]);
        *ret = peer;
        return true;
}

static bool is_stopping(void *ctx) {
        struct http_server *s = ctx;
        return atomic_load_explicit(&s->is_stopping, memory_order_relaxed);
}

static struct exchange *exchange_new(struct http_server *s, const struct http_request *r) {
        struct exchange *x = calloc(1, sizeof(*x));
        if (!x)
                return NULL;
        x->client = r->client;
        x->server = r->server;
        x->report = (struct http_report){ .client = r->client,
                                          .is_head = strcmp(r->method, MHD_HTTP_METHOD_HEAD) == 0,
                                          .start_ms = clock_now_ms() };
        (void)snprintf(x->report.method, sizeof(x->report.method), "%s", r->method);
        (void)snprintf(x->report.path, sizeof(x->report.path), "%s", r->path);
        x->body_max = s->backend->body_max ? s->backend->body_max(s->ctx, r) : s->config.body_max;
        if (s->backend->upload_begin)
                x->upload = s->backend->upload_begin(s->ctx, r);
        return x;
}

/* Gives up what was collected of a body. */
static void discard(struct http_server *s, struct exchange *x) {
        atomic_fetch_sub(&s->collected, x->body.len);
        text_free(&x->body);
}

/* The next piece of a body that answer() is given. */
static void collect(struct http_server *s, struct exchange *x, const void *data, size_t len) {
        size_t all = atomic_fetch_add(&s->collected, len) + len;

        if (len > x->body_max - x->body.len)
                x->refusal = MHD_HTTP_CONTENT_TOO_LARGE;
        else if (s->config.bodies_max && all > s->config.bodies_max)
                x->refusal = MHD_HTTP_SERVICE_UNAVAILABLE;
        else
                text_append_octets(&x->body, data, len);
        if (x->body.failed)
                x->refusal = MHD_HTTP_INTERNAL_SERVER_ERROR;
        if (x->refusal) {
                atomic_fetch_sub(&s->collected, len);
                discard(s, x);
        }
}

/* The next piece of a body. */
static void receive(struct http_server *s, struct exchange *x, const void *data, size_t len) {
        if (x->refusal)
                return;
        if (x->upload)
                x->refusal = s->backend->upload_data(s->ctx, x->upload, data, len) < 0
                                     ? MHD_HTTP_CONTENT_TOO_LARGE
                                     : 0;
        else if (x->body_max)
                collect(s, x, data, len);
}

static struct http_conditions conditions_of(const struct http_request *r, bool is_head) {
        if (!is_head && strcmp(r->method, MHD_HTTP_METHOD_GET) != 0)
                return (struct http_conditions){}; /* what changes things looks to its conditions itself */
        return (struct http_conditions){
                .is_head = is_head,
                .if_match = http_request_header(r, MHD_HTTP_HEADER_IF_MATCH),
                .if_none_match = http_request_header(r, MHD_HTTP_HEADER_IF_NONE_MATCH),
                .if_range = http_request_header(r, MHD_HTTP_HEADER_IF_RANGE),
                .range = http_request_header(r, MHD_HTTP_HEADER_RANGE),
        };
}

static void decide(struct http_server *s, struct exchange *x, struct http_request *r,
                   struct http_answer *ret) {
        if (x->upload) {
                s->backend->upload_end(s->ctx, x->upload, r, ret);
                x->upload = NULL;
        } else if (x->refusal) {
                ret->status = x->refusal;
        } else {
                r->body = x->body.octets;
                r->body_len = x->body.len;
                r->is_again = x->wait_start_ms;
                r->waited_ms = x->wait_start_ms ? clock_now_ms() - x->wait_start_ms : 0;
                s->backend->answer(s->ctx, r, ret, &x->report.tag);
        }
}

static uint64_t count_wakes(struct http_server *s) {
        (void)pthread_mutex_lock(&s->lock);
        uint64_t n = s->n_wakes;
        (void)pthread_mutex_unlock(&s->lock);
        return n;
}

enum wait_answer { WAITS, MISSED_SOMETHING, CANNOT_WAIT };

/* Lays a request aside, unless somebody was woken since it was decided. */
static enum wait_answer lay_aside(struct http_server *s, struct MHD_Connection *c, struct exchange *x,
                                  const struct http_answer *a, uint64_t n_wakes) {
        uint64_t now_ms = clock_now_ms();
        enum wait_answer answer = CANNOT_WAIT;

        (void)pthread_mutex_lock(&s->lock);
        if (n_wakes != s->n_wakes) {
                answer = MISSED_SOMETHING;
        } else if (!is_stopping(s) &&
                   http_waiting_add(s->waiting, &x->wait, a->wait_key, now_ms + a->wait_ms) == 0) {
                x->connection = c;
                /* Under the lock: whoever takes it out of the table may wake it. */
                MHD_suspend_connection(c);
                answer = WAITS;
        }
        (void)pthread_mutex_unlock(&s->lock);
        if (!x->wait_start_ms)
                x->wait_start_ms = now_ms;
        return answer;
}

static void resume(void *ctx, struct http_wait *w) {
        (void)ctx;
        MHD_resume_connection(CONTAINER_OF(w, struct exchange, wait)->connection);
}

void http_server_wake(struct http_server *s, uint64_t key) {
        (void)pthread_mutex_lock(&s->lock);
        s->n_wakes++;
        http_waiting_wake(s->waiting, key, resume, NULL);
        (void)pthread_mutex_unlock(&s->lock);
}

void http_server_tick(struct http_server *s, uint64_t now_ms) {
        (void)pthread_mutex_lock(&s->lock);
        http_waiting_expire(s->waiting, now_ms, resume, NULL);
        (void)pthread_mutex_unlock(&s->lock);
}

unsigned http_server_waiting(struct http_server *s) {
        (void)pthread_mutex_lock(&s->lock);
        size_t n = http_waiting_len(s->waiting);
        (void)pthread_mutex_unlock(&s->lock);
        return (unsigned)n;
}

static enum MHD_Result send_answer(struct http_server *s, struct MHD_Connection *c, struct exchange *x,
                                   const struct http_request *r, struct http_answer *answer) {
        if (answer->file)
                x->report.size = answer->file->size;

        struct http_conditions conditions = conditions_of(r, x->report.is_head);
        struct http_reply reply = http_reply_make(answer, &conditions, is_stopping, s);
        if (!reply.response) {
                /* Out of memory, or a blob that cannot be read: say so, if there is room even for that. */
                reply = http_reply_make(&(struct http_answer){ .status = MHD_HTTP_INTERNAL_SERVER_ERROR },
                                        &conditions, is_stopping, s);
                if (!reply.response)
                        return MHD_NO;
        }
        x->was_answered = true;
        x->report.status = reply.status;
        x->report.offset = reply.selection.offset;
        x->report.len = reply.selection.len;
        x->acked_before = reply.selection.len ? acked(descriptor(c)) : 0;

        enum MHD_Result result = MHD_queue_response(c, reply.status, reply.response);
        MHD_destroy_response(reply.response); /* our reference; the connection has its own */
        return result;
}

/* All of the request is here, or its wait is over. */
static enum MHD_Result answer_or_wait(struct http_server *s, struct MHD_Connection *c, struct exchange *x,
                                      struct http_request *r) {
        for (;;) {
                struct http_answer answer = {};
                uint64_t n_wakes = count_wakes(s);

                decide(s, x, r, &answer);
                enum wait_answer wait = answer.wait_ms ? lay_aside(s, c, x, &answer, n_wakes) : CANNOT_WAIT;
                if (wait == WAITS)
                        return MHD_YES;
                if (wait == MISSED_SOMETHING)
                        continue;
                if (answer.wait_ms)
                        answer = (struct http_answer){ .status = MHD_HTTP_SERVICE_UNAVAILABLE };
                return send_answer(s, c, x, r, &answer);
        }
}

static void note_asked(const struct http_server *s, struct MHD_Connection *c) {
        const union MHD_ConnectionInfo *info =
                s->config.credential ? MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT) : NULL;
        struct tls_connection *t = info ? info->socket_context : NULL;

        if (t)
                t->has_asked = true;
}

/* Called once for a request's head, once for each piece of its body, and once at the end; again after a wait.
 */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c, const char *path, const char *method,
                                  const char *version, const char *data, size_t *data_len, void **at) {
        struct http_server *s = ctx;
        struct exchange *x = *at;
        struct http_request r = {
                .method = method, .path = path, .is_secret = s->config.credential, .connection = c
        };

        (void)version;
        if (!x) {
                note_asked(s, c);
                r.client = client_ip(c);
                r.server = server_ip(descriptor(c));
                *at = exchange_new(s, &r);
                return *at ? MHD_YES : MHD_NO;
        }
        r.client = x->client;
        r.server = x->server;
        if (*data_len > 0) {
                receive(s, x, data, *data_len);
                *data_len = 0;
                return MHD_YES;
        }
        return answer_or_wait(s, c, x, &r);
}

/* It is over: nobody may wake it any more. */
static void forget_wait(struct http_server *s, struct exchange *x) {
        (void)pthread_mutex_lock(&s->lock);
        http_waiting_remove(s->waiting, &x->wait);
        (void)pthread_mutex_unlock(&s->lock);
}

static void on_completed(void *ctx, struct MHD_Connection *c, void **at,
                         enum MHD_RequestTerminationCode how) {
        struct http_server *s = ctx;
        struct exchange *x = *at;

        if (!x)
                return;
        *at = NULL;
        forget_wait(s, x);
        discard(s, x);
        if (x->upload)
                s->backend->upload_abort(s->ctx, x->upload);
        if (s->backend->report && x->was_answered) {
                struct http_report *report = &x->report;
                uint64_t arrived = 0;

                report->is_complete = how == MHD_REQUEST_TERMINATED_COMPLETED_OK;
                if (!report->is_complete && report->len)
                        arrived = acked(descriptor(c));
                arrived = arrived > x->acked_before ? arrived - x->acked_before : 0;
                if (report->is_complete || arrived > report->len)
                        arrived = report->len;
                report->sent = report->is_head ? 0 : arrived;
                report->end_ms = clock_now_ms();
                s->backend->report(s->ctx, report);
        }
        free(x);
}

static int listen_tcp(uint16_t port, struct error *reterr) {
        const struct sockaddr_in any = { .sin_family = AF_INET,
                                         .sin_port = htons(port),
                                         .sin_addr = { INADDR_ANY } };
        const int on = 1;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        if (fd < 0)
                return error_set(reterr, -errno, "HTTP port %u: no socket: %s", port, strerror(errno));
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, BACKLOG) < 0) {
                int error = errno;
                (void)close(fd);
                return error_set(reterr, -error, "HTTP port %u: %s%s", port, strerror(error),
                                 error == EADDRINUSE
                                         ? "; another program listens there, stop it or choose another port"
                                         : "");
        }
        return fd;
}

static uint16_t port_of(int fd) {
        struct sockaddr_storage a = {};
        socklen_t len = sizeof(a);
        if (getsockname(fd, (struct sockaddr *)&a, &len) < 0 || a.ss_family != AF_INET)
                return 0;
        return ntohs(((const struct sockaddr_in *)(const void *)&a)->sin_port);
}

/* ---- TLS ---- */

static void end_connection(struct http_server *s, struct tls_connection *t) {
        if (t && !t->has_asked && s->backend->unasked && !is_stopping(s))
                s->backend->unasked(s->ctx, &t->client);
        free(t);
}

/* The server that a session is of: GnuTLS gives its callback nothing else. Comes before the handshake. */
static void on_connection(void *ctx, struct MHD_Connection *c, void **at,
                          enum MHD_ConnectionNotificationCode what) {
        const union MHD_ConnectionInfo *info;

        if (what != MHD_CONNECTION_NOTIFY_STARTED) {
                end_connection(ctx, TAKE(*at));
                return;
        }
        struct tls_connection *t = calloc(1, sizeof(*t));
        if (t)
                t->client = client_ip(c);
        *at = t;
        info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
        if (info)
                gnutls_session_set_ptr(info->tls_session, ctx);
}

static struct credential *borrow_credential(struct http_server *s) {
        (void)pthread_mutex_lock(&s->lock);
        struct credential *c = credential_take(s->credential);
        (void)pthread_mutex_unlock(&s->lock);
        return c;
}

/* Asked anew at each handshake, so that a fresh certificate ends no connection. */
static int on_handshake(gnutls_session_t session, const struct gnutls_cert_retr_st *wishes,
                        gnutls_pcert_st **certificates, unsigned *n, gnutls_ocsp_data_st **ocsp,
                        unsigned *n_ocsp, gnutls_privkey_t *key, unsigned *flags) {
        struct http_server *s = gnutls_session_get_ptr(session);

        (void)wishes;
        *ocsp = NULL;
        *n_ocsp = 0;
        if (!s)
                return -1;
        CLEANUP(credential_drop_at) struct credential *c = borrow_credential(s);
        *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
        return credential_give(c, certificates, n, key) < 0 ? -1 : 0;
}

void http_server_set_credential(struct http_server *s, struct credential *credential) {
        (void)pthread_mutex_lock(&s->lock);
        struct credential *before = s->credential;
        s->credential = credential_take(credential);
        (void)pthread_mutex_unlock(&s->lock);
        credential_drop(before);
}

/* ---- start and end ---- */

static struct MHD_Daemon *start_daemon(struct http_server *s, int fd) {
        const struct http_config *c = &s->config;
        bool is_pool = !c->threads_per_connection;
        unsigned flags = is_pool ? MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME
                                 : MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC;
        if (c->credential)
                flags |= MHD_USE_TLS;
        struct MHD_OptionItem tls[] = {
                { MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)(intptr_t)on_handshake },
                { MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_versions },
                { MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, s },
                { MHD_OPTION_END, 0, NULL },
        };
        struct MHD_OptionItem options[] = {
                { MHD_OPTION_LISTEN_SOCKET, fd, NULL },
                { MHD_OPTION_CONNECTION_LIMIT, c->connections_max, NULL },
                { MHD_OPTION_CONNECTION_TIMEOUT, c->timeout_s, NULL },
                { MHD_OPTION_CONNECTION_MEMORY_LIMIT, is_pool ? MEMORY_BOOT : MEMORY_API, NULL },
                { MHD_OPTION_PER_IP_CONNECTION_LIMIT, c->connections_per_client_max, NULL },
                { MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, s },
                /* Firmware leaves out what servers can do without, such as Host. */
                { MHD_OPTION_STRICT_FOR_CLIENT, is_pool ? -1 : 0, NULL },
                { MHD_OPTION_ARRAY, 0, &tls[c->credential ? 0 : ARRAY_LEN(tls) - 1] },
                { is_pool && c->n_threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, c->n_threads,
                  NULL },
                { MHD_OPTION_END, 0, NULL },
        };

        /* Boot HTTP's threads serve many; they begin as the one that starts them. */
        if (is_pool)
                thread_be_patient();
        struct MHD_Daemon *daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_ARRAY,
                                                     options, MHD_OPTION_END);
        if (is_pool)
                thread_be_prompt();
        return daemon;
}

static void server_free(struct http_server *s) {
        if (!s)
                return;
        http_waiting_free(s->waiting);
        credential_drop(s->credential);
        (void)pthread_mutex_destroy(&s->lock);
        free(s);
}
DEFINE_CLEANUP(struct http_server, server_free)

static struct http_server *server_new(const struct http_config *config, const struct http_backend *backend,
                                      void *ctx) {
        CLEANUP(server_free_at) struct http_server *s = calloc(1, sizeof(*s));
        if (!s)
                return NULL;
        *s = (struct http_server){ .config = *config, .backend = backend, .ctx = ctx };
        if (config->credential)
                s->credential = credential_take(config->credential);
        (void)pthread_mutex_init(&s->lock, NULL);
        s->waiting = http_waiting_new();
        return s->waiting ? TAKE(s) : NULL;
}

int http_server_start(const struct http_config *config, const struct http_backend *backend, void *ctx,
                      struct http_server **ret, struct error *reterr) {
        CLEANUP(server_free_at) struct http_server *s = server_new(config, backend, ctx);
        if (!s)
                return error_set(reterr, -ENOMEM, "HTTP: out of memory");

        int fd = config->listen_fd >= 0 ? config->listen_fd : listen_tcp(config->port, reterr);
        if (fd < 0)
                return fd;
        s->port = port_of(fd);
        s->daemon = start_daemon(s, fd);
        if (!s->daemon) {
                int error = errno ? errno : EIO;
                (void)close(fd);
                return error_set(reterr, -error, "HTTP: cannot start: %s", strerror(error));
        }
        *ret = TAKE(s);
        return 0;
}

uint16_t http_server_port(const struct http_server *s) {
        return s->port;
}

unsigned http_server_connections(const struct http_server *s) {
        const union MHD_DaemonInfo *info =
                MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
        return info ? info->num_connections : 0;
}

void http_server_stop(struct http_server *s) {
        if (!s)
                return;
        atomic_store(&s->is_stopping, true);
        http_server_tick(s, UINT64_MAX); /* libmicrohttpd ends none that waits; nobody begins to any more */
        MHD_stop_daemon(s->daemon);      /* closes the listening socket too */
        server_free(s);
}
