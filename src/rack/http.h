/* Boot HTTP's backend: the same trees as TFTP's, on port 5248. It never serves the API. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "net/http/server.h"
#include "rack/view.h"

extern const struct http_backend http_files_backend; /* its context: const struct view_source */
