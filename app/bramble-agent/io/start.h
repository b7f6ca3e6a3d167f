/* The end of the agent: the system in its root takes the machine over. Only for the machine's first process.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

/** start_prepare() - by the agent proper: the root in PLACE_ROOT is to be started with @init, and its files
 * come by the card @nic, or by none (""). 0, or negative with a sentence: there is no such program in it. */
MUST_CHECK int start_prepare(const char *init, const char *nic, struct error *reterr);

/** start_root() - by the first process: ends what runs, takes the other cards down, moves the mounts, frees
 * the initramfs, becomes the system's init. Comes back with a sentence when nothing was prepared. */
void start_root(struct error *reterr);
