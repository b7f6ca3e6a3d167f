/* Which files brambled can reach: those that it has business with, as far as the kernel can hold it to that.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/brambled/config.h"
#include "app/brambled/daemon.h"

/**
 * reach_limit() - from now on, and for the programs that are started: its own directories, what the
 * configuration names, and the system's programs
 *
 * Best effort. The process must have one thread.
 */
void reach_limit(const struct config *c, const struct daemon_source *from);
