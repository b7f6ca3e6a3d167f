/* Installing an image on a disk, from the task to the result. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct job;

/** deploy_run() - the job of a task "deploy". */
MUST_CHECK int deploy_run(struct job *job, struct error *reterr);
