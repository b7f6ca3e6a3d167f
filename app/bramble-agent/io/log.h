/* What the agent tells who looks at the machine's console: one event, one line. No secrets. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/cleanup.h"

/** log_line() - one line without its newline; control characters in it become '?'. Any thread may call it. */
void log_line(const char *format, ...) PRINTF(1, 2);
