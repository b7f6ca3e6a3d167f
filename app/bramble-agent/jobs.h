/* The kinds of tasks, one row each. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct job_kind;

/** job_kind_of() - by the name in a task; NULL: this agent does not know it. */
const struct job_kind *job_kind_of(const char *name);
