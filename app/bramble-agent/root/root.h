/*
 * The root of the machine's own system: the agent brings it up, and the system is started in it.
 *
 * The kinds of root are rows in root.c; docs/roots/ has a page for each.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"
#include "base/error.h"

struct job;

/** root_run() - a job: everything until the system can be started. 0, or negative with a sentence. */
MUST_CHECK int root_run(struct job *j, struct error *reterr);
