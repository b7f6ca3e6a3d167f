/* The agent proper: it finds its server, and does what it is told until it is told to leave. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct options;

/** agent_run() - exit status: INIT_EXIT_REBOOT or INIT_EXIT_POWEROFF when that is what was asked for. */
int agent_run(const struct options *options);
