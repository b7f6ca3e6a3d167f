/* The machine's address: busybox' udhcpc as a child, which goes on to renew what it got. See lease.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "app/bramble-agent/io/nic.h"
#include "app/bramble-agent/lease.h"

/* Zero-initialise with fd -1. */
struct dhcp {
        pid_t pid; /* 0: none runs */
        int fd;    /* readable when there is news */
        char nic[NIC_NAME_SIZE];
};

/** dhcp_start() - for the card @nic, which is up; 0 or -errno. Call from the main thread only: the child ends
 * with the thread that made it. */
MUST_CHECK int dhcp_start(struct dhcp *d, const char *nic);

/** dhcp_read() - take one piece of news and carry it out; LEASE_BOUND, LEASE_LOST, -EAGAIN when there is
 * none, or -errno: -EPIPE when the client has ended. */
MUST_CHECK int dhcp_read(struct dhcp *d, struct lease *ret);

void dhcp_stop(struct dhcp *d);

/** dhcp_event_main() - what the agent does when udhcpc runs it: exit status. */
int dhcp_event_main(const char *event);
