/* The client's side of HTTP, on libcurl's easy interface. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>

#include "net/http/client.h"

enum { CONNECT_MS = 5000, IDLE_S_DEFAULT = 30, PATH_MAX_OCTETS = 4096 };

struct http_client {
        CURL *curl;
        char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* "": none */
        char *url, *user, *secret;
        char *name; /* what sentences call it */
        enum http_auth auth;
        bool trusts_anybody;
};

/* What one call has come to so far. */
struct progress {
        CURL *curl;
        const struct http_call *call;
        struct text body;
        struct http_idle idle;
        int failed; /* -errno of one of the callbacks */
};

bool http_idle_is_over(struct http_idle *idle, uint64_t octets, uint64_t now_ms, unsigned idle_s) {
        if (idle->since_ms == 0 || octets != idle->octets)
                *idle = (struct http_idle){ .octets = octets, .since_ms = now_ms };
        return now_ms - idle->since_ms >= (uint64_t)idle_s * 1000;
}

void http_escape(struct text *out, const char *s) {
        for (; *s; s++) {
                const unsigned char c = (unsigned char)*s;
                if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    strchr("-._~", c))
                        text_append_octets(out, s, 1);
                else
                        text_printf(out, "%%%02X", c);
        }
}

/* The scheme and host of a URL, without what follows. */
static char *name_of_url(const char *url) {
        const char *host = strstr(url, "://");

        host = host ? host + strlen("://") : url;
        return strndup(url, (size_t)(host - url) + strcspn(host, "/?#"));
}

static bool copy_target(struct http_client *c, const struct http_target *target) {
        const char *url = target->url ? target->url : "http://localhost";

        c->auth = target->auth;
        c->trusts_anybody = target->trusts_anybody;
        c->url = strdup(url);
        c->user = strdup(target->user ? target->user : "");
        c->secret = strdup(target->secret ? target->secret : "");
        c->name = target->socket_path ? strdup(target->socket_path) : name_of_url(url);
        return c->url && c->user && c->secret && c->name;
}

int http_client_new(const struct http_target *target, struct http_client **ret, struct error *reterr) {
        CLEANUP(http_client_free_at) struct http_client *c = calloc(1, sizeof(*c));

        if (!c || curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK || !(c->curl = curl_easy_init()) ||
            !copy_target(c, target))
                return error_set(reterr, -ENOMEM, "out of memory");
        if (target->socket_path && text_copy(c->socket_path, sizeof(c->socket_path), target->socket_path) < 0)
                return error_set(reterr, -ENAMETOOLONG, "%s: a socket's path has %zu octets at most",
                                 target->socket_path, sizeof(c->socket_path) - 1);
        *ret = TAKE(c);
        return 0;
}

void http_client_free(struct http_client *c) {
        if (!c)
                return;
        curl_easy_cleanup(c->curl);
        free(c->url);
        free(c->user);
        free(c->secret);
        free(c->name);
        free(c);
}

void http_reply_clear(struct http_reply *r) {
        free(r->body);
        *r = (struct http_reply){};
}

static size_t on_read(char *buf, size_t size, size_t n, void *userdata) {
        struct progress *p = userdata;
        const int64_t got = p->call->read(p->call->ctx, buf, size * n);

        if (got >= 0)
                return (size_t)got;
        p->failed = (int)got;
        return CURL_READFUNC_ABORT;
}

static size_t body_max(const struct http_call *call) {
        return call->body_max ? call->body_max : HTTP_CLIENT_BODY_MAX;
}

static size_t on_write(char *data, size_t size, size_t n, void *userdata) {
        struct progress *p = userdata;
        const size_t len = size * n;
        long status = 0;

        (void)curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE, &status);
        if (p->call->take && status / 100 == 2) {
                if (p->call->take(p->call->ctx, data, len) == 0)
                        return len;
                p->failed = -ECANCELED;
                return 0;
        }
        if (p->body.len + len > body_max(p->call)) {
                p->failed = -EFBIG;
                return 0;
        }
        text_append_octets(&p->body, data, len);
        if (!p->body.failed)
                return len;
        p->failed = -ENOMEM;
        return 0;
}

/* Asked by libcurl at least once a second; its own limit of speed takes three octets in 5 s for silence. */
static int on_progress(void *userdata, curl_off_t to_come, curl_off_t come, curl_off_t to_go,
                       curl_off_t gone) {
        struct progress *p = userdata;
        struct timespec now;
        (void)to_come, (void)to_go;

        if (p->call->may_go_on && !p->call->may_go_on(p->call->ctx)) {
                p->failed = -ECANCELED;
                return 1;
        }
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        const uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
        if (!http_idle_is_over(&p->idle, (uint64_t)come + (uint64_t)gone, now_ms,
                               p->call->idle_s ? p->call->idle_s : IDLE_S_DEFAULT))
                return 0;
        p->failed = -ETIMEDOUT;
        return 1;
}

static CURLcode set_body(CURL *curl, const struct http_call *call, struct progress *p) {
        CURLcode e = CURLE_OK;

        if (call->read) {
                e = e ? e : curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
                e = e ? e : curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->upload_size);
                e = e ? e : curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
                e = e ? e : curl_easy_setopt(curl, CURLOPT_READDATA, p);
                e = e ? e : curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 1L << 18);
        } else if (call->body || strcmp(call->method, "POST") == 0) {
                e = e ? e : curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
                e = e ? e : curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body ? call->body : "");
        }
        return e ? e : curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
}

static CURLcode set_credentials(const struct http_client *c) {
        static const long ways[] = { [HTTP_AUTH_BASIC] = (long)CURLAUTH_BASIC,
                                     [HTTP_AUTH_DIGEST] = (long)CURLAUTH_DIGEST,
                                     [HTTP_AUTH_BEARER] = (long)CURLAUTH_BEARER };
        CURLcode e;

        if (c->auth == HTTP_AUTH_NONE)
                return CURLE_OK;
        e = curl_easy_setopt(c->curl, CURLOPT_HTTPAUTH, ways[c->auth]);
        if (c->auth == HTTP_AUTH_BEARER)
                return e ? e : curl_easy_setopt(c->curl, CURLOPT_XOAUTH2_BEARER, c->secret);
        e = e ? e : curl_easy_setopt(c->curl, CURLOPT_USERNAME, c->user);
        return e ? e : curl_easy_setopt(c->curl, CURLOPT_PASSWORD, c->secret);
}

static CURLcode set_target(const struct http_client *c) {
        CURLcode e = set_credentials(c);

        if (*c->socket_path)
                e = e ? e : curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, c->socket_path);
        e = e ? e : curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
        e = e ? e : curl_easy_setopt(c->curl, CURLOPT_SSL_VERIFYPEER, c->trusts_anybody ? 0L : 1L);
        e = e ? e : curl_easy_setopt(c->curl, CURLOPT_SSL_VERIFYHOST, c->trusts_anybody ? 0L : 2L);
        return e ? e : curl_easy_setopt(c->curl, CURLOPT_PROXY, ""); /* whatever the environment says */
}

/* TLS counts as part of it, and a baseboard controller may take many seconds for that: where the whole has an
 * end the connection needs none of its own. */
static long connect_ms(const struct http_call *call) {
        return call->timeout_ms ? (long)call->timeout_ms : CONNECT_MS;
}

static CURLcode set_options(struct http_client *c, const struct http_call *call, const char *url,
                            struct curl_slist *headers, struct progress *p) {
        CURL *curl = c->curl;

        curl_easy_reset(curl); /* keeps the connection */
        CURLcode e = set_target(c);
        e = e ? e : curl_easy_setopt(curl, CURLOPT_URL, url);
        e = e ? e : curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        e = e ? e : curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        e = e ? e : curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect_ms(call));
        e = e ? e : curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
        e = e ? e : curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        e = e ? e : curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        e = e ? e : curl_easy_setopt(curl, CURLOPT_XFERINFODATA, p);
        e = e ? e : curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_write);
        e = e ? e : curl_easy_setopt(curl, CURLOPT_WRITEDATA, p);
        return e ? e : set_body(curl, call, p);
}

static bool add_header(struct curl_slist **headers, const char *line) {
        struct curl_slist *more = curl_slist_append(*headers, line);

        if (more)
                *headers = more;
        return more;
}

static struct curl_slist *headers_of(const struct http_call *call) {
        struct curl_slist *headers = NULL;
        char line[128];
        const char *const pairs[][2] = {
                { "Accept", call->accept ? call->accept : "application/json" },
                { "Content-Type", call->content_type ? call->content_type : "" },
        };
        bool is_whole = true;

        for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
                (void)snprintf(line, sizeof(line), "%s: %s", pairs[i][0],
                               pairs[i][1]); /* without a value: not sent */
                is_whole = is_whole && add_header(&headers, line);
        }
        for (const char *const *more = call->headers; more && *more; more++)
                is_whole = is_whole && add_header(&headers, *more);
        if (is_whole)
                return headers;
        curl_slist_free_all(headers);
        return NULL;
}

/* Why libcurl gave up, in our words. */
static int explain(const struct http_client *c, CURLcode e, const struct progress *p, struct error *reterr) {
        long os_error = 0;

        if (p->failed == -EFBIG)
                return error_set(reterr, -EFBIG, "the answer is larger than %zu KiB",
                                 body_max(p->call) >> 10);
        if (p->failed && p->failed != -ETIMEDOUT)
                return error_set(reterr, p->failed, "%s", strerror(-p->failed));
        (void)curl_easy_getinfo(c->curl, CURLINFO_OS_ERRNO, &os_error);
        if (e == CURLE_COULDNT_CONNECT)
                return error_set(reterr, os_error ? -(int)os_error : -ECONNREFUSED,
                                 "cannot connect to %s: %s", c->name,
                                 strerror(os_error ? (int)os_error : ECONNREFUSED));
        if (p->failed || e == CURLE_OPERATION_TIMEDOUT)
                return error_set(reterr, -ETIMEDOUT, "no answer from %s in time", c->name);
        if (e == CURLE_COULDNT_RESOLVE_HOST)
                return error_set(reterr, -EHOSTUNREACH, "nobody knows the address of %s", c->name);
        if (e == CURLE_PEER_FAILED_VERIFICATION)
                return error_set(reterr, -EKEYREJECTED, "the certificate of %s is not to be trusted",
                                 c->name);
        return error_set(reterr, -EPROTO, "the connection to %s broke: %s", c->name, curl_easy_strerror(e));
}

static void note_type(struct http_client *c, struct http_reply *r) {
        const char *type = NULL;

        (void)curl_easy_getinfo(c->curl, CURLINFO_CONTENT_TYPE, &type);
        if (!type)
                return;
        const size_t len = strcspn(type, "; ");
        if (len < sizeof(r->content_type))
                memcpy(r->content_type, type, len);
}

static void note_etag(struct http_client *c, struct http_reply *r) {
        struct curl_header *header;

        if (curl_easy_header(c->curl, "ETag", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
                (void)text_copy(r->etag, sizeof(r->etag), header->value);
}

int http_client_call(struct http_client *c, const struct http_call *call, struct http_reply *ret,
                     struct error *reterr) {
        CLEANUP(text_free) struct text url = {};
        struct progress p = { .curl = c->curl, .call = call };
        struct http_reply r = {};
        long status = 0;

        text_printf(&url, "%s%s", c->url, call->path);
        struct curl_slist *headers = headers_of(call);
        CURLcode e =
                url.failed || !headers ? CURLE_OUT_OF_MEMORY : set_options(c, call, url.octets, headers, &p);
        if (e == CURLE_OK)
                e = curl_easy_perform(c->curl);
        curl_slist_free_all(headers);
        r.len = p.body.len;
        r.body = text_take(&p.body);
        if (e == CURLE_OK && !r.body)
                p.failed = -ENOMEM;
        if (e != CURLE_OK || p.failed) {
                free(r.body);
                return explain(c, e, &p, reterr);
        }
        (void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
        r.status = (unsigned)status;
        note_type(c, &r);
        note_etag(c, &r);
        *ret = r;
        return 0;
}
