/* Whether somebody listens at a port of a server. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/cleanup.h"

enum { REACH_S = 10 };

/** reach_connect() - a TCP connection, given up after REACH_S; the descriptor, whose reads and writes have
 * the same limit, or -errno. @server: an address. */
MUST_CHECK int reach_connect(const char *server, uint16_t port);

/** reach() - 0: somebody does; or -errno. */
MUST_CHECK int reach(const char *server, uint16_t port);

/** reach_limit() - another limit for reads and writes; 0: none. */
void reach_limit(int fd, unsigned s);
