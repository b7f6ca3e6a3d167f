/*
 * How a diskless system is brought up: the root that the agent mounts before it starts the system. Pure.
 *
 * Where an address of ours is needed the text has MACHINE_RACK_MARK or MACHINE_RACK_HOST_MARK, which the rack
 * fills in. docs/agent-protocol.md has it as the agent reads it.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "core/site/image.h"

enum { RUN_NFS_PORT = 2049, RUN_NBD_PORT = 10809, RUN_UUID_SIZE = 33 };

/** run_is_for() - whether systems in @root are brought up by the agent: all whose root is neither their
 * initrd nor a disk that their firmware finds. */
bool run_is_for(enum root_kind root);

/**
 * run_make() - the text for a machine whose @root run_is_for() says so
 * @m:          with the token's hash; what ran on it before says which volume on a disk it has
 * @i:          the image of its system, which can carry that root
 * @wish:       of the order deploy
 * @token:      of the deployment: by it a system without cloud-init phones home
 *
 * Return: a new object, or NULL: out of memory.
 */
json_t *run_make(const struct machine *m, const struct image *i, const json_t *wish, const char *token);

/** run_has_come_up() - its volumes of data are there: from now on one that is not there is missed, and no
 * other is made. 0 or -ENOMEM. */
MUST_CHECK int run_has_come_up(char **run);

/** run_data_disk() - the UUID of its volume on a disk of the machine; false: it has none. */
bool run_data_disk(const char *run, char uuid[static RUN_UUID_SIZE]);

/** run_data_is_made() - whether that volume was there ever: a system came up with it. */
bool run_data_is_made(const char *run);

/** run_keep_data() - of the text of a system that is given up, what keeps its volumes of data: the caller's.
 * NULL: it has none. */
char *run_keep_data(const char *run);
