/* From a request to its handler; see dispatch.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/dispatch.h"
#include "api/routes.h"
#include "base/text.h"

/* The first parameter of the query that the route does not take. */
struct stray {
        const struct api_route *route;
        char key[64]; /* "": none */
};

static bool look_for_stray(void *ctx, const char *key, const char *value) {
        struct stray *stray = ctx;
        (void)value;
        if (api_route_takes(stray->route, key))
                return true;
        (void)snprintf(stray->key, sizeof(stray->key), "%s", key[0] ? key : "(empty)");
        return false;
}

static bool query_is_right(struct api_call *c, const struct api_route *route) {
        struct stray stray = { .route = route };

        http_request_each_query(c->request, look_for_stray, &stray);
        if (!stray.key[0])
                return true;
        if (route->query[0])
                api_problem_field(c, 400, stray.key, "there is no parameter \"%s\" here; there are %s",
                                  stray.key, route->query);
        else
                api_problem_field(c, 400, stray.key, "there is no parameter \"%s\" here, nor any other",
                                  stray.key);
        return false;
}

/* The body as an object, or NULL with a problem answered. */
static json_t *read_body(struct api_call *c) {
        json_error_t error;

        if (c->request->body_len == 0) {
                api_problem(c, 400, "the request has no body; a JSON object is wanted");
                return NULL;
        }
        json_t *in = json_loadb(c->request->body, c->request->body_len, JSON_REJECT_DUPLICATES, &error);
        if (in && json_is_object(in))
                return in;
        if (in)
                api_problem(c, 400, "the body is JSON, but not an object");
        else
                api_problem(c, 400, "the body is no JSON: line %d, column %d: %s", error.line, error.column,
                            error.text);
        json_decref(in);
        return NULL;
}

static void handle(struct api_call *c, const struct api_route *route) {
        json_t *in = NULL;

        if (!query_is_right(c, route))
                return;
        if (route->in == API_IN_JSON && !(in = read_body(c)))
                return;
        if (route->in == API_IN_NONE && c->request->body_len > 0) {
                api_problem(c, 400, "a %s of this takes no body", c->request->method);
                return;
        }
        c->in = in;
        c->site = c->world->keeper.site(c->world->keeper.ctx);
        route->handler(c);
        site_drop(c->site);
        json_decref(in);
}

void api_dispatch(struct api_call *c) {
        struct api_target target;

        switch (api_route_match(c->request->method, c->request->path, &target)) {
        case API_MATCH_NO_PATH:
                api_problem(c, 404, "there is nothing at %.200s; /api/v1/openapi.json lists what there is",
                            c->request->path);
                return;
        case API_MATCH_NO_METHOD:
                api_problem(c, 405, "%.16s cannot be done here; %s can", c->request->method, target.allow);
                memcpy(c->answer->allow, target.allow, sizeof(target.allow));
                return;
        case API_MATCH_FOUND:
                break;
        }
        memcpy((void *)c->params, (const void *)target.params, sizeof(c->params));
        if (target.route->handler)
                handle(c, target.route);
        else
                api_problem(c, 400, "the body could not be taken as a stream");
}

bool api_is_upload(const struct http_request *r, char *id, size_t id_size) {
        struct api_target target;

        return api_route_match(r->method, r->path, &target) == API_MATCH_FOUND &&
               target.route->in == API_IN_STREAM && text_copy(id, id_size, target.params[0]) == 0;
}
