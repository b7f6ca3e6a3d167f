/*
 * Which addresses are being asked about on the wire, and what an ARP frame says of them (RFC 5227
 * section 2.1).
 *
 * Pure, and nothing waits for it: an answer that comes within the time is a conflict, silence is nothing.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "net/dhcp4/frame.h"

enum { DHCP4_PROBES_MAX = 64, DHCP4_PROBE_MS = 500 };

/* Zero-initialise. */
struct dhcp4_probes {
        struct dhcp4_probe {
                uint32_t addr;
                unsigned ifindex;
                uint64_t until_ms;
                struct mac client; /* may use it: it was given to this one; zero: nobody */
        } items[DHCP4_PROBES_MAX];
        size_t n;
};

/** dhcp4_probes_start() - whether a question about @addr should go out now; false when one is under way, or
 * too many are. */
bool dhcp4_probes_start(struct dhcp4_probes *p, unsigned ifindex, uint32_t addr, uint64_t now_ms);

/** dhcp4_probes_expect() - @addr is being given to @client: if that one speaks up, it is no conflict. */
void dhcp4_probes_expect(struct dhcp4_probes *p, unsigned ifindex, uint32_t addr, const struct mac *client);

/** dhcp4_probes_judge() - whether the frame shows that somebody else uses an address that is asked about.
 * True once a probe. */
bool dhcp4_probes_judge(struct dhcp4_probes *p, unsigned ifindex, const struct dhcp4_arp *arp,
                        uint64_t now_ms);
