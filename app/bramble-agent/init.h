/*
 * The agent as the machine's first process: it must never end, whatever becomes of the agent proper.
 *
 * The first process only mounts, waits for its children and starts the agent anew when it has died, ever more
 * slowly. It reads nothing from the network.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How the agent proper ends when it wants something done. */
enum { INIT_EXIT_REBOOT = 10, INIT_EXIT_POWEROFF = 11, INIT_EXIT_START = 12 };

/** init_run() - @agent: the agent proper, whose value is its exit status. Does not come back. */
void init_run(int (*agent)(void *ctx), void *ctx) __attribute__((noreturn));
