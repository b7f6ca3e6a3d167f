/* bramble-helper, started by a brambled that is root itself; under systemd it is a unit of its own. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/**
 * helper_start() - before rights are given up, and before there are threads
 * @state_dir:  absolute; roots are kept below it
 *
 * Return: a socket to it; negative when we are not root or it is not there, which is no failure.
 */
int helper_start(const char *state_dir);
