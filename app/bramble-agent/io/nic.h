/* Network cards: up, link, address, route. IPv4, by the kernel's oldest calls, which every kernel has. */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/bramble-agent/io/tree.h"
#include "base/addr.h"
#include "base/cleanup.h"

enum { NIC_NAME_SIZE = 16, NICS_MAX = 64 };

struct nic {
        char name[NIC_NAME_SIZE];
        struct mac mac;
        bool has_carrier; /* false too while it is down */
};

/** nic_list() - the wired cards of the machine, not what the kernel makes up itself. Returns how many. */
unsigned nic_list(const struct tree *t, struct nic ret[static NICS_MAX]);

/** nic_up() - 0 or -errno. */
MUST_CHECK int nic_up(const char *name);

/** nic_down() - without its address; best effort. */
void nic_down(const char *name);

/** nic_set_address() - in host byte order; 0 takes the address away. 0 or -errno. */
MUST_CHECK int nic_set_address(const char *name, uint32_t address, uint32_t mask);

/** nic_address() - its address, likewise; 0 or -errno. */
MUST_CHECK int nic_address(const char *name, uint32_t *ret);

/** nic_set_route() - everything else through @router; 0 or -errno. */
MUST_CHECK int nic_set_route(const char *name, uint32_t router);

/** nic_first() - the card whose MAC an agent that changes nothing reports: the first with a link. False:
 * none. */
bool nic_first(const struct tree *t, struct nic *ret);

/** nic_blink() - its light blinks for so long; comes back afterwards. 0 or -errno. */
MUST_CHECK int nic_blink(const char *name, unsigned seconds);
