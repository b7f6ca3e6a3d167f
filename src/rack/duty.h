/* What an agent shall do, as the snapshot has it: two of these that differ are news for it. Pure. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "core/boot/plan.h"

struct agent_duty {
        uint64_t machine; /* 0: nobody registered it */
        uint64_t task;    /* the number of its newest task; 0: there was none yet */
        enum boot_purpose purpose;
};

/** agent_duty_of() - of the agent on the machine that asks. */
struct agent_duty agent_duty_of(const struct site *site, const struct boot_ask *ask);

bool agent_duty_equal(const struct agent_duty *a, const struct agent_duty *b);
