/* `brambled --probe-dhcp IF`: asks a link once whether a DHCP server is there, and says who. Serves nobody.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

enum { PROBE_NONE = 0, PROBE_FOUND = 10 };

/** probe_run() - one line for each server on standard output. Return: the exit status: PROBE_NONE,
 * PROBE_FOUND, or EXIT_FAILURE with a sentence. */
int probe_run(const char *interface);
