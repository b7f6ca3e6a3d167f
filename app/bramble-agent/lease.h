/*
 * What a DHCP client got: the message that passes from udhcpc's event program to the agent.
 *
 * Pure. udhcpc(1) runs a program with what happened as its argument and the lease in its environment; the
 * agent is that program too, and writes one message into a pipe that the agent proper reads.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { LEASE_MESSAGE_MAX = 512 }; /* octets: less than a pipe writes at once */

enum lease_event { LEASE_LOST, LEASE_BOUND };

/* Addresses in host byte order; 0: none. */
struct lease {
        enum lease_event event;
        uint32_t address, mask, router;
};

/** lease_message() - from udhcpc's argument and environment; -EINVAL when the event says nothing about a
 * lease. */
MUST_CHECK int lease_message(const char *event, const char *(*env)(const char *name),
                             char buf[static LEASE_MESSAGE_MAX]);

/** lease_parse() - such a message; -EINVAL when it is none. */
MUST_CHECK int lease_parse(const char *message, struct lease *ret);
