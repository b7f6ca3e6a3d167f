/* A process and all that descend from it, ended: whatever they have put into sessions of their own. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sys/types.h>

#include "base/cleanup.h"

/** descent_keep() - from now on what this process' descendants leave behind becomes its own child, where
 * descent_end() finds it. */
void descent_keep(void);

/** descent_end() - kill @pid, which has called descent_keep(), and all below it. Return: 0, or -EBUSY when
 * some of them do not end; @pid is stopped then, and there for another try. */
MUST_CHECK int descent_end(pid_t pid);
