/*
 * From a request to its handler: the route, its parameters, and the body as JSON, all checked before.
 *
 * No socket and no clock here: server.c calls it, and so do the tests.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/call.h"

/** api_dispatch() - fill @c->answer; the caller has set world, imports, request, now_s and an empty answer.
 */
void api_dispatch(struct api_call *c);

/** api_dispatch_upload() - whether a request is the upload of a file: then its import, and the file's path
 * and role. */
bool api_is_upload(const struct http_request *r, char *id, size_t id_size);
