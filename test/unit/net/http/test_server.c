/* The HTTP server on loopback, asked as firmware asks: octet for octet over a socket. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "io/blob.h"
#include "io/clock.h"
#include "net/http/server.h"

enum { BIG = 300 * 1024, BLOB_FROM = 100 };

/* The server under test and what it was seen to do. */
struct world {
        struct http_server *server;
        struct boot_file *text, *big, *mixed;
        char *octets; /* of big and mixed */
        pthread_mutex_t lock;
        pthread_cond_t changed;
        struct http_report last;
        unsigned n_reports, n_aborts;
        struct http_peer peer;
        bool has_peer;
        atomic_size_t uploaded;
        atomic_uint n_streamed, n_looks;
        atomic_uint_fast64_t happened; /* the key for which there is something now */
        void (*between)(struct world *w,
                        uint64_t k); /* called once a look has found nothing; NULL: nothing is */
};

static int64_t stream(void *ctx, char *buf, size_t size) {
        struct world *w = ctx;
        assert_true(size >= 4);
        switch (w->n_streamed++) {
        case 0:
                memcpy(buf, "one ", 4);
                return 4;
        case 1:
                return -EAGAIN;
        case 2:
                memcpy(buf, "two", 3);
                return 3;
        default:
                return 0;
        }
}

static void stream_free(void *ctx) {
        (void)ctx;
}

/* "/wait?q=KEY": until there is something for that key, or 20 s have passed. */
static void answer_wait(struct world *w, const struct http_request *r, uint64_t key,
                        struct http_answer *ret) {
        ret->status = w->happened == key ? 200 : 204;
        if (ret->status == 204 && r->waited_ms < 20000) {
                ret->wait_ms = 20000;
                ret->wait_key = key;
        }
        if (ret->wait_ms && w->between)
                w->between(w, key);
        w->n_looks++;
}

static void answer(void *ctx, const struct http_request *r, struct http_answer *ret, uint64_t *tag) {
        struct world *w = ctx;
        const char *q = http_request_query(r, "q");

        *tag = 7;
        if (strcmp(r->path, "/text") == 0) {
                w->has_peer = http_request_peer(r, &w->peer);
                ret->file = boot_file_take(w->text);
                ret->content_type = "text/plain";
        } else if (strcmp(r->path, "/big") == 0) {
                ret->file = boot_file_take(w->big);
        } else if (strcmp(r->path, "/mixed") == 0) {
                ret->file = boot_file_take(w->mixed);
        } else if (strcmp(r->path, "/echo") == 0) {
                ret->status = strcmp(r->method, "GET") == 0 ? 200 : 201;
                assert_true(asprintf(&ret->body, "%s %s %zu %s", r->method, q ? q : "-", r->body_len,
                                     r->body ? (const char *)r->body : "") >= 0);
                ret->body_len = strlen(ret->body);
                (void)snprintf(ret->location, sizeof(ret->location), "/there");
                (void)snprintf(ret->etag, sizeof(ret->etag), "\"e\"");
        } else if (strcmp(r->path, "/wait") == 0) {
                answer_wait(w, r, strtoull(q, NULL, 10), ret);
        } else if (strcmp(r->path, "/stream") == 0) {
                *ret = (struct http_answer){ .stream = stream, .stream_free = stream_free, .stream_ctx = w };
        } else {
                ret->status = 404;
        }
}

static void report(void *ctx, const struct http_report *r) {
        struct world *w = ctx;
        pthread_mutex_lock(&w->lock);
        w->last = *r;
        w->n_reports++;
        pthread_cond_signal(&w->changed);
        pthread_mutex_unlock(&w->lock);
}

static void *upload_begin(void *ctx, const struct http_request *r) {
        struct world *w = ctx;
        w->uploaded = 0;
        return strcmp(r->path, "/upload") == 0 ? w : NULL;
}

static int upload_data(void *ctx, void *upload, const void *data, size_t len) {
        struct world *w = upload;
        (void)ctx;
        (void)data;
        w->uploaded += len;
        return w->uploaded > 100000 ? -EFBIG : 0;
}

static void upload_end(void *ctx, void *upload, const struct http_request *r, struct http_answer *ret) {
        struct world *w = upload;
        (void)ctx;
        assert_null(r->body);
        ret->status = w->uploaded > 100000 ? 413 : 204;
}

static void upload_abort(void *ctx, void *upload) {
        struct world *w = upload;
        (void)ctx;
        pthread_mutex_lock(&w->lock);
        w->n_aborts++;
        pthread_cond_signal(&w->changed);
        pthread_mutex_unlock(&w->lock);
}

static size_t body_max(void *ctx, const struct http_request *r) {
        (void)ctx;
        return strcmp(r->path, "/text") == 0 ? 0 : strcmp(r->path, "/large") == 0 ? 200 : 64;
}

static const struct http_backend backend = {
        .answer = answer,
        .report = report,
        .body_max = body_max,
        .upload_begin = upload_begin,
        .upload_data = upload_data,
        .upload_end = upload_end,
        .upload_abort = upload_abort,
};

/* A file of 300 KiB on disk, and one that begins and ends in memory with that file between. */
static void make_files(struct world *w) {
        char path[] = "/tmp/bramble-http-XXXXXX";
        int fd = mkstemp(path), error = 0;

        w->octets = malloc(BIG + 6);
        assert_non_null(w->octets);
        memcpy(w->octets, "<<<", 3);
        for (int i = 0; i < BIG; i++)
                w->octets[3 + i] = (char)(i * 31 + i / 256);
        memcpy(w->octets + 3 + BIG, ">>>", 3);
        assert_int_equal(write(fd, w->octets + 3, BIG), BIG);
        close(fd);

        struct blob *b = blob_open_file(path, &(struct blob_id){ { 1 } }, &error);
        assert_non_null(b);
        unlink(path);
        const struct boot_segment mixed[] = { { .octets = (const uint8_t *)"<<<", .len = 3 },
                                              { .blob = b, .len = BIG },
                                              { .octets = (const uint8_t *)">>>", .len = 3 } };
        w->mixed = boot_file_new(mixed, 3);
        w->big = boot_file_new(mixed + 1, 1);
        w->text = boot_file_of_octets("0123456789", 10);
        blob_drop(b);
}

static void start(struct world *w, const struct http_config *config) {
        struct error error;
        pthread_mutex_init(&w->lock, NULL);
        pthread_cond_init(&w->changed, NULL);
        make_files(w);
        assert_int_equal(http_server_start(config, &backend, w, &w->server, &error), 0);
}

static void stop(struct world *w) {
        http_server_stop(w->server);
        boot_file_drop(w->text);
        boot_file_drop(w->big);
        boot_file_drop(w->mixed);
        free(w->octets);
}

static const struct http_config boot_config = {
        .listen_fd = -1, .connections_max = 1024, .timeout_s = 30, .bodies_max = 96, .n_threads = 2
};

static int dial(const struct world *w) {
        const struct sockaddr_in to = { .sin_family = AF_INET,
                                        .sin_port = htons(http_server_port(w->server)),
                                        .sin_addr = { htonl(INADDR_LOOPBACK) } };
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
        return fd;
}

static void say(int fd, const char *text) {
        assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* All that comes until the server closes. */
static struct text hear(int fd) {
        struct text got = {};
        char buf[65536];
        for (ssize_t n; (n = recv(fd, buf, sizeof(buf), 0)) > 0;)
                text_append_octets(&got, buf, (size_t)n);
        close(fd);
        assert_false(got.failed);
        return got;
}

static void must_hear(int fd, const char *status) {
        struct text got = hear(fd);
        if (!got.octets || !text_starts_with(got.octets, status))
                fail_msg("not %s: %s", status, got.octets ? got.octets : "nothing");
        text_free(&got);
}

static const char *body_of(const struct text *got) {
        const char *blank = got->octets ? strstr(got->octets, "\r\n\r\n") : NULL;
        assert_non_null(blank);
        return blank + 4;
}

static void wait_for(struct world *w, const unsigned *count, unsigned n) {
        pthread_mutex_lock(&w->lock);
        while (*count < n)
                pthread_cond_wait(&w->changed, &w->lock);
        pthread_mutex_unlock(&w->lock);
}

static const struct {
        const char *remark, *request, *status, *header, *body;
} conversations[] = {
        { "as a browser asks", "GET /text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200",
          "Content-Length: 10\r\n", "0123456789" },
        { "as U-Boot asks", "GET /text HTTP/1.0\r\n\r\n", "HTTP/1.", "Content-Length: 10\r\n", "0123456789" },
        { "HTTP/1.1 without Host", "GET /text HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200",
          "Accept-Ranges: bytes\r\n", "0123456789" },
        { "the length alone", "HEAD /text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200",
          "Content-Length: 10\r\n", "" },
        { "of a large file", "HEAD /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200",
          "Content-Length: 307200\r\n", "" },
        { "a part", "GET /text HTTP/1.1\r\nHost: x\r\nRange: bytes=2-4\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 206", "Content-Range: bytes 2-4/10\r\n", "234" },
        { "its length", "GET /text HTTP/1.1\r\nHost: x\r\nRange: bytes=2-4\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 206", "Content-Length: 3\r\n", "234" },
        { "behind the end", "GET /text HTTP/1.1\r\nHost: x\r\nRange: bytes=10-\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 416", "Content-Range: bytes */10\r\n", "" },
        { "several parts",
          "GET /text HTTP/1.1\r\nHost: x\r\nRange: bytes=0-0,2-2\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 200", "Content-Length: 10\r\n", "0123456789" },
        { "known already", "GET /text HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 304", "ETag: ", "" },
        { "known already, not a file",
          "GET /echo HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"e\"\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 304", "ETag: \"e\"\r\n", "" },
        { "across the segments",
          "GET /mixed HTTP/1.1\r\nHost: x\r\nRange: bytes=0-2\r\nConnection: close\r\n\r\n", "HTTP/1.1 206",
          "Content-Range: bytes 0-2/307206\r\n", "<<<" },
        { "at the end", "GET /mixed HTTP/1.1\r\nHost: x\r\nRange: bytes=-2\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 206", "Content-Range: bytes 307204-307205/307206\r\n", ">>" },
        { "not there", "GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404",
          "Content-Length: 0\r\n", "" },
        { "a body",
          "POST /echo?q=a%20b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
          "HTTP/1.1 201", "Location: /there\r\n", "POST a b 3 abc" },
        { "a body in chunks",
          "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: "
          "close\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
          "HTTP/1.1 201", "ETag: \"e\"\r\n", "POST - 3 abc" },
        { "a body that is too long",
          "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 65\r\nConnection: close\r\n\r\n"
          "00000000001111111111222222222233333333334444444444555555555566666",
          "HTTP/1.1 413", "Content-Length: 0\r\n", "" },
        { "a body that nobody wants",
          "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 65\r\nConnection: close\r\n\r\n"
          "00000000001111111111222222222233333333334444444444555555555566666",
          "HTTP/1.1 200", "Content-Length: 10\r\n", "0123456789" },
        { "a stream", "GET /stream HTTP/1.0\r\n\r\n", "HTTP/1.", "Content-Type: application/octet-stream\r\n",
          "one two" },
        { "two on one connection",
          "GET /none HTTP/1.1\r\nHost: x\r\n\r\nGET /text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 404", "Content-Length: 0\r\n", NULL },
};

static void converses(void **state) {
        struct world w = {};
        (void)state;
        start(&w, &boot_config);
        for (size_t i = 0; i < ARRAY_LEN(conversations); i++) {
                w.n_streamed = 0;
                int fd = dial(&w);
                say(fd, conversations[i].request);
                struct text got = hear(fd);
                bool is_right =
                        got.octets && text_starts_with(got.octets, conversations[i].status) &&
                        strstr(got.octets, conversations[i].header) &&
                        (!conversations[i].body || strcmp(body_of(&got), conversations[i].body) == 0) &&
                        !strstr(got.octets, "chunked");
                if (!is_right)
                        fail_msg("%s: got %s", conversations[i].remark, got.octets ? got.octets : "nothing");
                if (!conversations[i].body)
                        assert_true(text_ends_with(got.octets, "0123456789"));
                if (strstr(got.octets, " 304 "))
                        assert_null(strstr(got.octets, "Content-Length: 0"));
                text_free(&got);
        }
        stop(&w);
}

static void sends_large_files_whole(void **state) {
        static const struct {
                const char *request;
                size_t from, len;
        } rows[] = {
                { "GET /big HTTP/1.0\r\n\r\n", 3, BIG }, /* by sendfile */
                { "GET /big HTTP/1.0\r\nRange: bytes=1000-299999\r\n\r\n", 3 + 1000,
                  299000 },                                    /* a part by sendfile */
                { "GET /mixed HTTP/1.0\r\n\r\n", 0, BIG + 6 }, /* by reading */
                { "GET /mixed HTTP/1.0\r\nRange: bytes=3-200002\r\n\r\n", 3,
                  200000 }, /* within one segment */
                { "GET /mixed HTTP/1.0\r\nRange: bytes=2-200001\r\n\r\n", 2, 200000 }, /* over the seam */
        };
        struct world w = {};
        (void)state;
        start(&w, &boot_config);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
                int fd = dial(&w);
                say(fd, rows[i].request);
                struct text got = hear(fd);
                const char *body = body_of(&got);
                assert_int_equal(got.len - (size_t)(body - got.octets), rows[i].len);
                assert_memory_equal(body, w.octets + rows[i].from, rows[i].len);
                text_free(&got);

                wait_for(&w, &w.n_reports, (unsigned)i + 1);
                assert_true(w.last.is_complete);
                assert_int_equal(w.last.sent, rows[i].len);
                assert_int_equal(w.last.tag, 7);
                assert_int_equal(w.last.size, rows[i].request[5] == 'b' ? BIG : BIG + 6);
        }
        stop(&w);
}

/* A client that reads a little and goes away: the report says so, and not more than arrived. */
static void reports_what_was_cut_short(void **state) {
        struct world w = {};
        const int few = 4096, none[] = { 1, 0 };
        char buf[1024];
        (void)state;
        start(&w, &boot_config);
        int fd = dial(&w);
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &few, sizeof(few));
        say(fd, "GET /mixed HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_true(recv(fd, buf, sizeof(buf), 0) > 0);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, none, sizeof(none));
        close(fd);
        wait_for(&w, &w.n_reports, 1);
        if (!w.last.is_complete)
                assert_true(w.last.sent < BIG + 6);
        assert_string_equal(w.last.path, "/mixed");
        stop(&w);
}

static void takes_uploads(void **state) {
        struct world w = {};
        (void)state;
        struct http_config config = boot_config;
        config.threads_per_connection = true;
        start(&w, &config);

        int fd = dial(&w);
        say(fd, "PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde");
        struct text got = hear(fd);
        assert_true(text_starts_with(got.octets, "HTTP/1.1 204"));
        assert_int_equal(w.uploaded, 5);
        text_free(&got);

        /* Refused in the middle: the rest is read, and the sentence arrives. */
        CLEANUP(free_at) char *many = calloc(1, 200000);
        fd = dial(&w);
        say(fd, "PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\nConnection: close\r\n\r\n");
        assert_int_equal(send(fd, many, 200000, MSG_NOSIGNAL), 200000);
        got = hear(fd);
        assert_true(text_starts_with(got.octets, "HTTP/1.1 413"));
        text_free(&got);

        char go_on[64];
        fd = dial(&w); /* cut short */
        say(fd, "PUT /upload HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        assert_true(recv(fd, go_on, sizeof(go_on), 0) > 0);
        say(fd, "abc");
        close(fd);
        wait_for(&w, &w.n_aborts, 1);
        stop(&w);
}

/* All bodies together have a bound, whatever each may have; what was answered counts no more. */
static void bounds_all_bodies(void **state) {
        static const struct {
                const char *path;
                int len;
                const char *status;
        } rows[] = {
                { "/echo", 60, "HTTP/1.1 201" },  { "/large", 90, "HTTP/1.1 404" },
                { "/large", 97, "HTTP/1.1 503" }, { "/large", 90, "HTTP/1.1 404" },
                { "/echo", 65, "HTTP/1.1 413" },  { "/large", 96, "HTTP/1.1 404" },
        };
        struct world w = {};
        (void)state;
        start(&w, &boot_config);
        for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
                char request[256];
                int fd = dial(&w);
                (void)snprintf(
                        request, sizeof(request),
                        "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%0*d",
                        rows[i].path, rows[i].len, rows[i].len, 0);
                say(fd, request);
                must_hear(fd, rows[i].status);
                wait_for(&w, &w.n_reports, i + 1);
        }
        stop(&w);
}

static void wait_until_waiting(struct world *w, unsigned n) {
        while (http_server_waiting(w->server) != n)
                (void)sched_yield();
}

static int dial_wait(struct world *w, unsigned key) {
        char request[96];
        int fd = dial(w);
        (void)snprintf(request, sizeof(request),
                       "GET /wait?q=%u HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", key);
        say(fd, request);
        return fd;
}

static unsigned count_threads(void) {
        char line[128];
        unsigned n = 0;
        FILE *status = fopen("/proc/self/status", "r");
        assert_non_null(status);
        while (fgets(line, sizeof(line), status))
                (void)sscanf(line, "Threads: %u", &n);
        (void)fclose(status);
        return n;
}

/* Many wait, no thread is held, the files are served beside them, and a wake-up reaches whom it is meant for.
 */
static void lets_requests_wait(void **state) {
        enum { MANY = 300 };
        struct world w = {};
        int fds[MANY];
        (void)state;
        start(&w, &boot_config);
        unsigned n_threads = count_threads();
        for (unsigned i = 0; i < MANY; i++)
                fds[i] = dial_wait(&w, 1 + i % 3);
        wait_until_waiting(&w, MANY);
        assert_int_equal(count_threads(), n_threads);
        int fd = dial(&w);
        say(fd, "GET /text HTTP/1.0\r\n\r\n");
        must_hear(fd, "HTTP/1.");

        w.n_looks = 0;
        w.happened = 2;
        http_server_wake(w.server, 2);
        for (unsigned i = 1; i < MANY; i += 3)
                must_hear(fds[i], "HTTP/1.1 200");
        assert_int_equal(w.n_looks, MANY / 3); /* the others slept on */
        assert_int_equal(http_server_waiting(w.server), MANY - MANY / 3);

        http_server_wake(w.server, 1); /* for nothing: it waits on */
        wait_until_waiting(&w, MANY - MANY / 3);
        http_server_tick(w.server, clock_now_ms() + 19000);
        assert_int_equal(http_server_waiting(w.server), MANY - MANY / 3);
        http_server_tick(w.server, clock_now_ms() + 21000);
        wait_until_waiting(&w, MANY - MANY / 3); /* decided anew, and the clock says that it is not over */
        for (unsigned i = 0; i < MANY; i++)
                if (i % 3 != 1)
                        close(fds[i]);
        stop(&w);
}

/* What happens between a look and the wait that follows is not slept through. */
static void happen_between(struct world *w, uint64_t key) {
        w->between = NULL;
        w->happened = key;
        http_server_wake(w->server, key);
}

static void misses_no_wake_up(void **state) {
        struct world w = {};
        (void)state;
        start(&w, &boot_config);
        w.between = happen_between;
        must_hear(dial_wait(&w, 5), "HTTP/1.1 200");
        assert_int_equal(w.n_looks, 2);
        stop(&w);
}

static void ends_while_requests_wait(void **state) {
        struct world w = {};
        int fds[20];
        (void)state;
        start(&w, &boot_config);
        for (unsigned i = 0; i < ARRAY_LEN(fds); i++)
                fds[i] = dial_wait(&w, 1 + i);
        wait_until_waiting(&w, ARRAY_LEN(fds));
        stop(&w);
        for (unsigned i = 0; i < ARRAY_LEN(fds); i++)
                close(fds[i]);
}

/* As the API: a socket in the file system, a thread for each connection, and the peer's credentials. */
static void knows_its_peer(void **state) {
        struct sockaddr_un at = { .sun_family = AF_UNIX };
        struct world w = {};
        (void)state;
        (void)snprintf(at.sun_path, sizeof(at.sun_path), "/tmp/bramble-http-%d.sock", (int)getpid());
        unlink(at.sun_path);

        int listener = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
        assert_int_equal(listen(listener, 5), 0);
        struct http_config config = boot_config;
        config.listen_fd = listener;
        config.threads_per_connection = true;
        start(&w, &config);

        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
        say(fd, "GET /text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        struct text got = hear(fd);
        assert_string_equal(body_of(&got), "0123456789");
        text_free(&got);
        assert_true(w.has_peer);
        assert_int_equal(w.peer.uid, getuid());
        assert_int_equal(w.peer.gid, getgid());
        assert_int_equal(http_server_port(w.server), 0);
        stop(&w);
        unlink(at.sun_path);
}

static void says_that_a_port_is_taken(void **state) {
        struct world w = {};
        struct http_server *second = NULL;
        struct error error = {};
        (void)state;
        start(&w, &boot_config);
        struct http_config config = boot_config;
        config.port = http_server_port(w.server);
        assert_int_equal(http_server_start(&config, &backend, &w, &second, &error), -EADDRINUSE);
        assert_non_null(strstr(error.text, "another program listens there"));
        stop(&w);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(converses),         cmocka_unit_test(sends_large_files_whole),
                cmocka_unit_test(takes_uploads),     cmocka_unit_test(reports_what_was_cut_short),
                cmocka_unit_test(knows_its_peer),    cmocka_unit_test(says_that_a_port_is_taken),
                cmocka_unit_test(bounds_all_bodies), cmocka_unit_test(lets_requests_wait),
                cmocka_unit_test(misses_no_wake_up), cmocka_unit_test(ends_while_requests_wait),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
