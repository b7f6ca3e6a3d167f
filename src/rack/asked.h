/* One request of an agent or of a system that may speak on boot HTTP: who asks, and the ways to answer. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/http/server.h"
#include "rack/agent_body.h"
#include "rack/duty.h"
#include "rack/view.h"

enum { DEPLOYMENT_TOKEN_LEN = 64 /* hex digits */ };

struct asked {
        struct view *view;
        const struct http_request *request;
        struct http_answer *answer;
        struct boot_ask ask;
        const struct machine *machine; /* NULL: nobody registered it */
        struct agent_duty duty;
        bool may_act;     /* there is something for its agent to do; else it may only end what there was */
        const char *rest; /* of the path, behind what chose the handler */
};

/* "/a/TOKEN/REST" or "/seed/TOKEN/REST". */
struct asked_path {
        bool is_seed;
        char token[DEPLOYMENT_TOKEN_LEN + 1];
        const char *rest;
};

/** asked_path() - a path in its parts; false: it is neither an agent's nor a seed's. */
bool asked_path(const char *path, struct asked_path *ret);

/** asked_let_in() - finds out who asks; false when it may not, with the refusal written. */
bool asked_let_in(struct asked *a, const struct asked_path *p);

/** asked_refuse_work() - that there is nothing to do. */
void asked_refuse_work(struct asked *a);

/** asked_fill_in() - a text of the region, with our address where it has a mark for it; the caller's. NULL:
 * out of memory. */
char *asked_fill_in(const struct asked *a, const char *text);

/** asked_read_body() - what the body says; false with a refusal when it is not what it should be. */
bool asked_read_body(struct asked *a, enum agent_report_kind kind, struct agent_said *ret);

/** asked_hear() - hands on what was said; false with a refusal when there is no room. */
bool asked_hear(struct asked *a, const struct agent_said *said, const char *body, size_t body_len);
