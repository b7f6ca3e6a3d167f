/* Erasing disks before a machine is given to somebody else. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct job;

/** erase_run() - the job of a task "erase". */
MUST_CHECK int erase_run(struct job *job, struct error *reterr);
