/* A root file system as a folder, for what the agent writes into one. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble-agent/io/volume.h"

/** root_volume_set_up() - an empty one; *state is its struct volume. For a group of cmocka's tests, as its
 * other half is. */
int root_volume_set_up(void **state);
int root_volume_tear_down(void **state);

/** root_volume_dir() - the folder itself. */
const char *root_volume_dir(void);

/** root_volume_expect() - fails the test unless a file is there and has that text. */
void root_volume_expect(const struct volume *v, const char *path, const char *text);
