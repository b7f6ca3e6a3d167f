/* One brambled for one state directory: a locked file that holds the pid of who has it. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

/**
 * single_take() - become the one brambled of a state directory
 * @state_dir:  must be there and be ours to write in
 * @ret:        a descriptor; the directory is ours until it is closed or the process ends, however it ends
 *
 * Return: 0; -EBUSY with a sentence that names the pid of the other; or -errno with a sentence.
 */
MUST_CHECK int single_take(const char *state_dir, int *ret, struct error *reterr);
