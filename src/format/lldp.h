/*
 * LLDP frames: which port of which switch a network card is plugged into (IEEE 802.1AB-2016 clause 8).
 *
 * Pure; reads, does not write. Texts are cut to their buffers, and what is not printable becomes '?'.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

enum { LLDP_ETHERTYPE = 0x88cc, LLDP_TEXT_SIZE = 128 };

struct lldp_neighbour {
        char chassis[LLDP_TEXT_SIZE]; /* a MAC as aa:bb:…, or what the switch calls itself */
        char port[LLDP_TEXT_SIZE];    /* likewise */
        char port_description[LLDP_TEXT_SIZE], system[LLDP_TEXT_SIZE], system_description[LLDP_TEXT_SIZE];
        uint16_t vlan;  /* that goes untagged; 0: not told */
        uint16_t ttl_s; /* 0: the switch says goodbye */
};

/** lldp_parse() - a whole Ethernet frame; 0 or -EBADMSG: no LLDP, or without what it must have. */
MUST_CHECK int lldp_parse(const void *frame, size_t len, struct lldp_neighbour *ret);
