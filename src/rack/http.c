/* Boot HTTP's backend; see http.h. Called on any of the server's threads: each takes a view for one request.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/http.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rack/agent_http.h"
#include "rack/reply.h"
#include "rack/served.h"
#include "rack/signatures.h"
#include "rack/token.h"

enum {
        VIEWS = 8,           /* kept between requests: more than there are threads */
        SIGN_WAIT_MS = 30000 /* a client that is answered after longer has gone */
};

/* A view is costly to make (a socket, open blobs), and which thread asks is not known: idle ones wait here.
 */
struct http_files {
        const struct view_source *source;
        _Atomic(struct view *) idle[VIEWS];
};

struct http_files *http_files_new(const struct view_source *source) {
        struct http_files *f = calloc(1, sizeof(*f));
        if (f)
                f->source = source;
        return f;
}

void http_files_free(struct http_files *f) {
        if (!f)
                return;
        for (size_t i = 0; i < VIEWS; i++)
                view_free(atomic_load(&f->idle[i]));
        free(f);
}

static struct view *view_borrow(struct http_files *f) {
        for (size_t i = 0; i < VIEWS; i++) {
                struct view *v = atomic_exchange(&f->idle[i], NULL);
                if (v)
                        return v;
        }
        return view_new(f->source);
}

static void view_give_back(struct http_files *f, struct view *v) {
        view_release(v);
        for (size_t i = 0; i < VIEWS; i++) {
                struct view *nobody = NULL;
                if (atomic_compare_exchange_strong(&f->idle[i], &nobody, v))
                        return;
        }
        view_free(v);
}

/* Splits "/b/TOKEN/rest"; false when the path carries no token (then @rest is the whole path). */
static bool split_token(const char *path, char token[static BOOT_TOKEN_SIZE], const char **rest) {
        static const char none[] = "/b/" BOOT_TOKEN_NONE "/";

        *rest = path;
        if (!text_starts_with(path, "/b/"))
                return false;
        if (text_starts_with(path, none)) {
                *rest = path + strlen(none) - 1;
                return false;
        }
        size_t len = strcspn(path + 3, "/");
        if (len != BOOT_TOKEN_SIZE - 1 || path[3 + len] != '/')
                return false;
        memcpy(token, path + 3, len);
        token[len] = 0;
        *rest = path + 3 + len + 1;
        return true;
}

static void look_up(struct view *v, const struct http_request *r, struct http_answer *ret, uint64_t *tag) {
        char token[BOOT_TOKEN_SIZE];
        const char *path, *why = "";
        struct boot_ask ask;

        if (agent_http_is_mine(r->path)) {
                agent_http_answer(v, r, ret, tag);
                return;
        }
        if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0) {
                reply_refuse(ret, 405, "boot files are only read: GET or HEAD");
                return;
        }

        bool has_token = split_token(r->path, token, &path);
        view_who(v, &(struct view_peer){ .client = r->client, .server = r->server }, path, &ask);
        *tag = ask.session;
        if (!view_serves(v, &ask)) {
                reply_refuse(ret, 403, "this address is in no subnet that is served here");
                return;
        }
        /* A token is bound to its session and that one's address: a copied URL is worth nothing elsewhere. */
        if (has_token && !token_is(ask.token, token)) {
                reply_refuse(ret, 403, "this address is of another boot: tokens end with their boot session");
                return;
        }
        int answer = view_open(v, &ask, path, &ret->file, &why);
        if (answer == BOOT_FILE_FOUND)
                ret->status = 200;
        else if (answer == BOOT_FILE_MISSING)
                reply_refuse(ret, 404, "%s", *why ? why : "no such file in this machine's tree");
        else if (answer == -EAGAIN && r->waited_ms < SIGN_WAIT_MS)
                *ret = (struct http_answer){ .wait_ms = (unsigned)(SIGN_WAIT_MS - r->waited_ms),
                                             .wait_key = SIGNATURES_WAIT_KEY };
        else if (answer == -EAGAIN)
                reply_refuse(ret, 503, "%s", why);
        else
                reply_refuse(ret, 500, "%s", why);
}

static void files_answer(void *ctx, const struct http_request *r, struct http_answer *ret, uint64_t *tag) {
        struct view *v = view_borrow(ctx);

        *ret = (struct http_answer){ .status = 500 };
        if (!v)
                return;
        look_up(v, r, ret, tag);
        view_give_back(ctx, v);
}

static enum trail_outcome outcome_of(const struct http_report *r) {
        if (r->status == 404)
                return TRAIL_MISS;
        if (r->status == 503 && !agent_http_is_mine(r->path))
                return TRAIL_IGNORED; /* a file that is being made, or a server that ends: come again */
        if (r->status >= 400)
                return TRAIL_FAILED;
        if (r->is_head)
                return TRAIL_PROBE;
        return r->is_complete ? TRAIL_OK : TRAIL_FAILED;
}

static size_t files_body_max(void *ctx, const struct http_request *r) {
        if (strcmp(r->method, "POST") != 0 || !agent_http_is_mine(r->path))
                return 0;
        struct view *v = view_borrow(ctx);
        size_t max = v ? agent_http_body_max(v, r) : 0;
        if (v)
                view_give_back(ctx, v);
        return max;
}

/* Why a request was refused, asked again: the answer is gone when its connection ends. "" for what needs no
 * words. */
static void find_why(struct view *v, const struct boot_ask *ask, const struct http_report *r,
                     const char *path, char *buf, size_t size) {
        CLEANUP(boot_file_drop_at) struct boot_file *file = NULL;
        const char *why = "";

        if (agent_http_is_mine(r->path)) {
                agent_http_why(v, r, buf, size);
                return;
        }
        if (r->status == 404 || r->status == 500)
                (void)view_open(v, ask, path, &file, &why);
        (void)snprintf(buf, size, "%s", why);
}

static void describe(const struct http_report *r, const char *why, char *buf, size_t size) {
        if (r->status == 404)
                (void)snprintf(buf, size, "%s", why);
        else
                (void)snprintf(buf, size, "%s %u%s%s%.110s", r->method, r->status,
                               r->is_complete ? "" : ", the connection broke", *why ? ": " : "", why);
}

/* The path as the trail shows it: tokens are no business of it. */
static const char *shown_path(const struct http_report *r, char *buf, size_t size) {
        char token[BOOT_TOKEN_SIZE];
        const char *path;

        if (agent_http_is_mine(r->path))
                return agent_http_path(r->path, buf, size);
        (void)split_token(r->path, token, &path);
        return path;
}

/* What an agent does well its own words tell. */
static bool is_told_otherwise(const struct http_report *r) {
        return text_starts_with(r->path, "/a/") && r->status < 400;
}

static void tell_request(struct view *v, const struct http_report *r) {
        char shown[sizeof(r->path)], why[TRAIL_DETAIL_SIZE];
        const char *path = shown_path(r, shown, sizeof(shown));
        struct boot_ask ask;

        enum sighting_source source = view_who(v, &(struct view_peer){ .client = r->client }, path, &ask);
        struct served s = {
                .kind = TRAIL_HTTP,
                .outcome = outcome_of(r),
                .mac = ask.mac,
                .ip = r->client,
                .source = source,
                .client = ask.client,
                .session = r->tag ? r->tag : ask.session,
                .start_ms = r->start_ms,
                .end_ms = r->end_ms,
                .octets = r->sent,
                .size = r->size,
                .is_whole = r->is_complete && !r->is_head && r->status == 200,
        };
        (void)snprintf(s.path, sizeof(s.path), "%.127s", path);
        find_why(v, &ask, r, path, why, sizeof(why));
        describe(r, why, s.detail, sizeof(s.detail));
        view_tell(v, &s);
}

static void files_report(void *ctx, const struct http_report *r) {
        struct view *v = is_told_otherwise(r) ? NULL : view_borrow(ctx);

        if (!v)
                return;
        tell_request(v, r);
        view_give_back(ctx, v);
}

/* Whoever knocks and is nobody's boot is in nobody's story. */
static void files_unasked(void *ctx, const struct ip_addr *client) {
        struct view *v = view_borrow(ctx);
        struct boot_ask ask;

        if (!v)
                return;
        (void)view_who(v, &(struct view_peer){ .client = *client }, "", &ask);
        if (ask.session) {
                struct served s = {
                        .kind = TRAIL_WIRE, .mac = ask.mac, .ip = *client, .session = ask.session
                };
                (void)snprintf(s.detail, sizeof(s.detail),
                               "an HTTPS connection ended without a request: its handshake failed");
                view_tell(v, &s);
        }
        view_give_back(ctx, v);
}

const struct http_backend http_files_backend = {
        .answer = files_answer,
        .report = files_report,
        .unasked = files_unasked,
        .body_max = files_body_max,
};
