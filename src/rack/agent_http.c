/* Agents and seeds on boot HTTP; see agent_http.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "rack/agent_http.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "rack/agent_answers.h"
#include "rack/asked.h"
#include "rack/reply.h"
#include "rack/seed_answers.h"

enum { FORM_MAX = 64 * 1024 };

bool agent_http_is_mine(const char *path) {
        struct asked_path p;
        return asked_path(path, &p);
}

const char *agent_http_path(const char *path, char *buf, size_t size) {
        struct asked_path p;

        if (asked_path(path, &p))
                (void)snprintf(buf, size, "%s/%s", p.is_seed ? "seed" : "a", p.rest);
        else
                (void)snprintf(buf, size, "%s", path);
        return buf;
}

/* ---- which is which ---- */

static bool is_phone_home(const struct asked_path *p) {
        return p->is_seed && strcmp(p->rest, "phone-home") == 0;
}

static bool is_wanted_question(const struct asked_path *p) {
        return p->is_seed && strcmp(p->rest, "wanted") == 0;
}

static const struct route {
        const char *method, *name; /* of the path behind the token; "/" at its end: and more */
        bool is_seed;
        void (*answer)(struct asked *a);
        size_t body_max;
} routes[] = {
        { "POST", "hello", false, agent_answer_hello, AGENT_BODY_MAX },
        { "GET", "hello", false, agent_answer_knock, 0 }, /* whether this network card leads here */
        { "GET", "task", false, agent_answer_task, 0 },
        { "GET", "root", false, agent_answer_root, 0 },
        { "POST", "progress", false, agent_answer_progress, AGENT_BODY_MAX },
        { "POST", "result", false, agent_answer_result, AGENT_BODY_MAX },
        { "POST", "script", false, agent_answer_script, AGENT_BODY_MAX },
        { "GET", "blob/", false, agent_answer_blob, 0 },
        { "HEAD", "blob/", false, agent_answer_blob, 0 },
        { "GET", "meta-data", true, seed_answer, 0 },
        { "GET", "user-data", true, seed_answer, 0 },
        { "GET", "vendor-data", true, seed_answer, 0 },
        { "GET", "network-config", true, seed_answer, 0 },
};

static bool has_name(const struct route *r, const char *rest) {
        size_t len = strlen(r->name);
        return r->name[len - 1] == '/' ? strncmp(r->name, rest, len) == 0 : strcmp(r->name, rest) == 0;
}

static const struct route *find_route(const struct asked_path *p, const char *method, bool *ret_is_there) {
        *ret_is_there = false;
        for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
                if (routes[i].is_seed != p->is_seed || !has_name(&routes[i], p->rest))
                        continue;
                *ret_is_there = true;
                if (strcmp(routes[i].method, method) == 0)
                        return &routes[i];
        }
        return NULL;
}

size_t agent_http_body_max(struct view *v, const struct http_request *r) {
        struct http_answer refusal = {};
        struct asked a = { .view = v, .request = r, .answer = &refusal };
        struct asked_path p;
        bool is_there;

        if (!asked_path(r->path, &p))
                return 0;
        if (is_phone_home(&p))
                return seed_deployment(v, p.token) ? FORM_MAX : 0;
        const struct route *route = find_route(&p, r->method, &is_there);
        bool may = route && route->body_max > 0 && asked_let_in(&a, &p);
        free(refusal.body);
        return may ? route->body_max : 0;
}

void agent_http_answer(struct view *v, const struct http_request *r, struct http_answer *ret, uint64_t *tag) {
        struct asked a = { .view = v, .request = r, .answer = ret };
        struct asked_path p;
        bool is_there;

        if (!asked_path(r->path, &p)) {
                reply_refuse(ret, 404, "there is no such thing");
                return;
        }
        if (is_phone_home(&p) && strcmp(r->method, "POST") == 0) {
                seed_answer_phone_home(&a, &p);
                *tag = a.ask.session;
                return;
        }
        if (is_wanted_question(&p) && strcmp(r->method, "GET") == 0) {
                seed_answer_wanted(&a, &p);
                return;
        }
        bool may = asked_let_in(&a, &p);
        *tag = a.ask.session;
        if (!may)
                return;
        const struct route *route = find_route(&p, r->method, &is_there);
        if (!route) {
                reply_refuse(ret, is_there ? 405 : 404, "%s",
                             is_there ? "not by this method" : "there is no such thing");
                return;
        }
        if (route->name[strlen(route->name) - 1] == '/')
                a.rest += strlen(route->name);
        route->answer(&a);
}

void agent_http_why(struct view *v, const struct http_report *r, char *buf, size_t size) {
        const struct http_request request = { .method = r->method, .path = r->path, .client = r->client };
        struct http_answer refusal = {};
        struct asked a = { .view = v, .request = &request, .answer = &refusal };
        struct asked_path p;

        buf[0] = 0;
        if (r->status == 403 && asked_path(r->path, &p) && !is_phone_home(&p) && !asked_let_in(&a, &p) &&
            refusal.body)
                (void)snprintf(buf, size, "%.*s", (int)strcspn(refusal.body, "\n"), refusal.body);
        free(refusal.body);
}
