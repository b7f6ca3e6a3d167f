/* Showing which machine is meant: a light on it blinks. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct job;

/** blink_run() - the job of a task "blink". */
MUST_CHECK int blink_run(struct job *job, struct error *reterr);
