/*
 * One request on its way through a handler: what came in, what the world looked like, and the answer that is
 * made.
 *
 * Handlers touch no socket and read no clock: what they need of either is here.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "api/world.h"
#include "base/error.h"
#include "net/http/server.h"

enum { API_PARAMS_MAX = 4, API_ERROR_FIELD_MAX = 64 };

struct api_imports;

struct api_call {
        const struct api_world *world;
        struct api_imports *imports;
        const struct http_request *request;
        const char *params[API_PARAMS_MAX]; /* what stood for {…} in the path, in order */
        json_t *in;                 /* the body, an object; NULL for routes that take none; borrowed */
        struct site *site;          /* the snapshot when the request came; borrowed */
        int64_t now_s;              /* Unix time */
        struct http_answer *answer; /* to be filled */
};

const char *api_query(const struct api_call *c, const char *key);   /* NULL when absent */
const char *api_header(const struct api_call *c, const char *name); /* likewise */

/*
 * Answers. Each sets the answer whole; the last one counts.
 */

/** api_ok() - 200 (or @status) with @out, which this frees. NULL: out of memory, 500. */
void api_ok(struct api_call *c, unsigned status, json_t *out);

/** api_resource() - as api_ok(), with an ETag made of the content; api_created() - 201 and where it is now.
 */
void api_resource(struct api_call *c, json_t *out);
void api_created(struct api_call *c, json_t *out, const char *format, ...) PRINTF(3, 4);

void api_no_content(struct api_call *c); /* 204 */

/** api_text() - 200 text/plain; takes over @text. */
void api_text(struct api_call *c, char *text);

/** api_problem() - a failure as application/problem+json (RFC 9457): status, and one sentence for people. */
void api_problem(struct api_call *c, unsigned status, const char *format, ...) PRINTF(3, 4);

/** api_problem_field() - the same about one member of the request. */
void api_problem_field(struct api_call *c, unsigned status, const char *field, const char *format, ...)
        PRINTF(4, 5);

/** api_failure() - the same from an error of below: its code chooses the status. */
void api_failure(struct api_call *c, const struct error *error);

/** api_etag() - the tag of a resource as JSON: the same content, the same tag. false when out of memory. */
bool api_etag(const json_t *resource, char ret[static 40]);

/** api_if_match() - whether the request may change @resource; else 412 is answered. */
bool api_if_match(struct api_call *c, const json_t *resource);

/** api_status_text() - the words of a status. */
const char *api_status_text(unsigned status);
