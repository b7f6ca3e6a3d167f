/* The job of a task "scripts": built-in checks and operators' scripts, one after another, each told as it
 * ends. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct job;

MUST_CHECK int scripts_run(struct job *job, struct error *reterr);
