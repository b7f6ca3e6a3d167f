/* The steps of an agent environment, as they are carried out; agent_plan.h is what they are on paper. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "app/bramble/build/agent_plan.h"

extern const struct build_step agent_steps[AGENT_STEPS];
extern const struct tool_need agent_tools[]; /* ends with a NULL */
