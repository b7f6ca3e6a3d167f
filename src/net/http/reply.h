/* From an answer to what libmicrohttpd sends: headers, ranges, and where the octets come from. Called by
 * server.c alone. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <microhttpd.h>

#include "net/http/range.h"
#include "net/http/server.h"

struct http_reply {
        unsigned status;
        struct MHD_Response *response;   /* NULL: out of memory */
        struct http_selection selection; /* of a file */
};

/** http_reply_make() - the response for @answer, whose file, body or stream it takes over in every case.
 * @is_stopping ends streams. */
struct http_reply http_reply_make(struct http_answer *answer, const struct http_conditions *c,
                                  bool (*is_stopping)(void *ctx), void *ctx);
