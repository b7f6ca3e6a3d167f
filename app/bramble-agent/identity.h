/* Who this machine is, as its hello says. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "app/bramble-agent/io/tree.h"
#include "base/addr.h"

struct identity {
        char mac[MAC_TEXT_SIZE]; /* of the card that leads to the server */
        char serial[64];         /* "" none that means something */
        char boot_id[40];
        uint64_t uptime_s;
};

/** identity_read() - @nic: the card; "" none. */
void identity_read(const struct tree *t, const char *nic, struct identity *ret);
