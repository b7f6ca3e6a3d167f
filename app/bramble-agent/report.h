/* The bodies of what the agent tells its server. Pure; see docs/agent.md for the protocol. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

enum { REPORT_MAX = 1 << 20 }; /* octets of a body: the server takes no more */

struct report_hello {
        const char *arch;    /* "arm64" */
        const char *boot_id; /* of the kernel */
        const char *mac;
        const char *serial; /* "": none */
        uint64_t uptime_s;
        json_t *eeprom; /* of a Raspberry Pi, as in its inventory; borrowed; NULL: it has none */
};

struct report_progress {
        uint64_t task;
        char phase[32];             /* "write"; "idle" when there is no job */
        uint64_t done, total, rate; /* octets, and octets a second; total 0: unknown */
        char text[160];
};

/* Each gives a string that the caller frees, or NULL: out of memory. */
char *report_hello(const struct report_hello *hello);
char *report_progress(const struct report_progress *progress);

/**
 * report_result() - how a task ended
 * @error:      one sentence, or NULL: it ended well
 * @data:       what it found; NULL: nothing. Left out, with a sentence in its place, when the body would be
 *              longer than REPORT_MAX
 */
char *report_result(uint64_t task, const char *error, json_t *data);
