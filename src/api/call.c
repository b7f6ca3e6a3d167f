/* Answers; see call.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/call.h"
#include "api/fields.h"
#include "base/hash.h"
#include "net/http/range.h"

const char *api_query(const struct api_call *c, const char *key) {
        return http_request_query(c->request, key);
}

const char *api_header(const struct api_call *c, const char *name) {
        return http_request_header(c->request, name);
}

const char *api_status_text(unsigned status) {
        static const struct {
                unsigned status;
                const char *text;
        } texts[] = {
                { 400, "Bad Request" },
                { 403, "Forbidden" },
                { 404, "Not Found" },
                { 405, "Method Not Allowed" },
                { 409, "Conflict" },
                { 412, "Precondition Failed" },
                { 413, "Content Too Large" },
                { 422, "Unprocessable Content" },
                { 502, "Bad Gateway" },
                { 503, "Service Unavailable" },
                { 507, "Insufficient Storage" },
        };
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
                if (texts[i].status == status)
                        return texts[i].text;
        }
        return "Internal Server Error";
}

/* Takes the place of whatever was answered before. */
static void set_body(struct api_call *c, unsigned status, char *body, const char *content_type) {
        free(c->answer->body);
        *c->answer = (struct http_answer){
                .status = status, .body = body, .body_len = strlen(body), .content_type = content_type
        };
}

static void out_of_memory(struct api_call *c) {
        free(c->answer->body);
        *c->answer = (struct http_answer){ .status = 500 };
}

static void set_json(struct api_call *c, unsigned status, json_t *out, const char *content_type) {
        char *body = out ? json_dumps(out, JSON_COMPACT) : NULL;
        json_decref(out);
        if (body)
                set_body(c, status, body, content_type);
        else
                out_of_memory(c);
}

void api_ok(struct api_call *c, unsigned status, json_t *out) {
        set_json(c, status, out, "application/json");
}

bool api_etag(const json_t *resource, char ret[static 40]) {
        static const struct hash_key any = { 0x6272616d626c6521,
                                             1 }; /* no secret: tags only tell contents apart */
        CLEANUP(free_at) char *text = resource ? json_dumps(resource, JSON_COMPACT) : NULL;
        if (!text)
                return false;
        (void)snprintf(ret, 40, "\"%016" PRIx64 "\"", hash_siphash(any, text, strlen(text)));
        return true;
}

static void set_resource(struct api_call *c, unsigned status, json_t *out) {
        char etag[40] = "";

        if (!api_etag(out, etag)) {
                json_decref(out);
                out_of_memory(c);
                return;
        }
        api_ok(c, status, out);
        memcpy(c->answer->etag, etag, sizeof(etag));
}

void api_resource(struct api_call *c, json_t *out) {
        set_resource(c, 200, out);
}

void api_created(struct api_call *c, json_t *out, const char *format, ...) {
        va_list args;

        set_resource(c, 201, out);
        va_start(args, format);
        (void)vsnprintf(c->answer->location, sizeof(c->answer->location), format, args);
        va_end(args);
}

void api_no_content(struct api_call *c) {
        free(c->answer->body);
        *c->answer = (struct http_answer){ .status = 204 };
}

void api_text(struct api_call *c, char *text) {
        if (text)
                set_body(c, 200, text, "text/plain; charset=utf-8");
        else
                out_of_memory(c);
}

static void set_problem(struct api_call *c, unsigned status, const char *field, const char *detail) {
        json_t *problem =
                json_pack("{s:s, s:s, s:i, s:o}", "type", "about:blank", "title", api_status_text(status),
                          "status", (int)status, "detail", api_text_or_empty(detail));
        if (field)
                (void)json_object_set_new(problem, "field", api_text_or_empty(field));
        set_json(c, status, problem, "application/problem+json");
}

void api_problem(struct api_call *c, unsigned status, const char *format, ...) {
        char detail[sizeof(((struct error *)0)->text)];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(detail, sizeof(detail), format, args);
        va_end(args);
        set_problem(c, status, NULL, detail);
}

void api_problem_field(struct api_call *c, unsigned status, const char *field, const char *format, ...) {
        char detail[sizeof(((struct error *)0)->text)];
        va_list args;

        va_start(args, format);
        (void)vsnprintf(detail, sizeof(detail), format, args);
        va_end(args);
        set_problem(c, status, field, detail);
}

void api_failure(struct api_call *c, const struct error *error) {
        static const struct {
                int code;
                unsigned status;
        } statuses[] = {
                { -EINVAL, 422 },  { -ENOENT, 422 },  { -EEXIST, 409 },    { -EBUSY, 409 },
                { -EAGAIN, 409 },  { -ENOSPC, 507 },  { -EDQUOT, 507 },    { -ESHUTDOWN, 503 },
                { -EBADMSG, 422 }, { -EFBIG, 413 },   { -E2BIG, 413 },     { -ENAMETOOLONG, 422 },
                { -ENOEXEC, 422 }, { -ENOTSUP, 422 }, { -ECANCELED, 409 },
        };
        unsigned status = 500;

        for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
                if (statuses[i].code == error->code)
                        status = statuses[i].status;
        }
        set_problem(c, status, NULL, error->text);
}

bool api_if_match(struct api_call *c, const json_t *resource) {
        const char *wanted = api_header(c, "If-Match");
        char etag[40];

        if (!wanted)
                return true;
        if (!api_etag(resource, etag)) {
                out_of_memory(c);
                return false;
        }
        if (http_tag_listed(wanted, etag, false))
                return true;
        api_problem(c, 412, "it has changed since it was looked at; look again, then decide again");
        return false;
}
