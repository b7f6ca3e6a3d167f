/* Rescue mode: a shell on the machine for the operator, by SSH and keys only. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct job;

/** rescue_run() - the job of a task "rescue". What it started goes on until another task comes:
 * any but "blink". */
MUST_CHECK int rescue_run(struct job *job, struct error *reterr);
