/* The daemon: every part of Bramble in one process (role `all`), from start to end. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/brambled/config.h"
#include "base/error.h"

/* Where the configuration comes from, at the start and at each SIGHUP. */
struct daemon_source {
        const char *path;
        bool may_lack;         /* no such file: the defaults hold */
        const char *state_dir; /* in place of the file's; NULL: as the file says */
        int helper;            /* a socket to bramble-helper; negative: to be found */
};

/** daemon_config() - the configuration that is in force; 0, or -errno with a sentence. */
MUST_CHECK int daemon_config(const struct daemon_source *from, struct config **ret, struct error *reterr);

/** daemon_run() - serve until SIGTERM or SIGINT; takes over @config. 0, or -errno with a sentence. */
MUST_CHECK int daemon_run(struct config *config, const struct daemon_source *from, struct error *reterr);
