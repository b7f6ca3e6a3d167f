/* The daemon: every part of Bramble in one process (role `all`), from start to end. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/brambled/config.h"
#include "base/error.h"

/** daemon_run() - serve until SIGTERM or SIGINT; takes over @config. @path: where it was read, for SIGHUP. 0,
 * or -errno with a sentence. */
MUST_CHECK int daemon_run(struct config *config, const char *path, bool may_lack, struct error *reterr);
