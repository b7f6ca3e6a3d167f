/*
 * The API's door: an HTTP server on a Unix socket that asks the kernel who is there.
 *
 * The socket is 0660, its group is `bramble` where there is one, and each request's peer is checked again:
 * boot HTTP on 5248 is another server and never leads here.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "api/world.h"
#include "base/error.h"

#define API_GROUP "bramble"

struct api_server;

/** api_server_start() - make the socket at @path and serve; @world is copied, what it points to outlives the
 * server. 0, or -errno with a sentence. */
MUST_CHECK int api_server_start(const char *path, const struct api_world *world, struct api_server **ret,
                                struct error *reterr);

/** api_server_tick() - give up imports that went silent; every minute or so, on any one thread. */
void api_server_tick(struct api_server *s);

/** api_server_stop() - end streams, wait for handlers, remove the socket; NULL is a no-op. After
 * region_stop(), which frees handlers that wait for a change. */
void api_server_stop(struct api_server *s);
