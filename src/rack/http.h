/* Boot HTTP's backend: the same trees as TFTP's, on port 5248. It never serves the API. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/http/server.h"
#include "rack/view.h"

struct http_files;

/** http_files_new() - what the server's threads share: views that they lend each other. NULL: out of memory.
 */
struct http_files *http_files_new(const struct view_source *source);
void http_files_free(struct http_files *f); /* when the threads have ended */

extern const struct http_backend http_files_backend; /* its context: struct http_files */
