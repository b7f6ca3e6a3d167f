/* Listening for a while to what switches say of themselves. See format/lldp.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "app/bramble-agent/io/nic.h"
#include "format/lldp.h"

struct lldp_heard {
        char nic[NIC_NAME_SIZE];
        struct lldp_neighbour neighbour;
};

/**
 * lldp_listen() - on all cards with a link
 * @wait_ms:    at most; ends sooner when every card has heard its switch
 * @may_go_on:  asked several times a second
 *
 * Return: how many neighbours there are, at most NICS_MAX. Switches speak every 30 seconds.
 */
unsigned lldp_listen(const struct nic *nics, unsigned n, unsigned wait_ms, bool (*may_go_on)(void *ctx),
                     void *ctx, struct lldp_heard ret[static NICS_MAX]);
