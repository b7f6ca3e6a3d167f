/*
 * The index of the API: every route with its handler, what goes in and out, and who may use it.
 *
 * docs/api/openapi.yaml says the same for people; a test holds the two together.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/call.h"

/* Everybody who may connect to the socket is an administrator until there are accounts. */
enum api_role { API_ROLE_VIEWER, API_ROLE_OPERATOR, API_ROLE_ADMIN };

enum api_in {
        API_IN_NONE,
        API_IN_JSON,  /* an object */
        API_IN_STREAM /* octets of any length: api/imports.c */
};

struct api_route {
        const char *method, *path;           /* with {…} for a part */
        void (*handler)(struct api_call *c); /* NULL for API_IN_STREAM */
        enum api_in in;
        const char *out;   /* the schema of what comes out; "" octets, a stream, or nothing */
        const char *query; /* parameters that may be given, with commas between */
        enum api_role role;
        const char *name; /* operationId */
};

extern const struct api_route api_routes[]; /* ends with a method of NULL */

enum { API_PATH_MAX = 512 };

enum api_match { API_MATCH_FOUND = 0, API_MATCH_NO_PATH, API_MATCH_NO_METHOD };

/* Where a path led. */
struct api_target {
        const struct api_route *route;
        char parts[API_PATH_MAX]; /* what params point into */
        const char *params[API_PARAMS_MAX];
        char allow[48]; /* with API_MATCH_NO_METHOD: the methods that there are */
};

/** api_route_match() - the route of a request; HEAD goes where GET goes. */
enum api_match api_route_match(const char *method, const char *path, struct api_target *ret);

/** api_route_takes() - whether @key is a parameter of the route. */
bool api_route_takes(const struct api_route *route, const char *key);

const char *api_role_name(enum api_role role);
