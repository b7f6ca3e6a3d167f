/*
 * Ports of a PoE switch, as POWER-ETHERNET-MIB (RFC 3621) counts them: what their state means, and which one
 * a machine hangs on. Pure.
 *
 * A wrong port would take another machine's power: where the switch's tables leave any doubt, none is chosen.
 */
/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "core/power/power.h"

struct poe_port {
        uint32_t group, port; /* pethPsePortGroupIndex, pethPsePortIndex */
};

enum { POE_PORT_TEXT_SIZE = 24 };

/** poe_port_parse() - "7", which is group 1, or "1.7"; 0 or -EINVAL. */
MUST_CHECK int poe_port_parse(const char *text, struct poe_port *ret);
const char *poe_port_text(const struct poe_port *p, char buf[static POE_PORT_TEXT_SIZE]); /* "1.7" */

/* pethPsePortDetectionStatus; 0: the switch does not tell. */
enum poe_detection {
        POE_NOT_TOLD,
        POE_DISABLED,
        POE_SEARCHING,
        POE_DELIVERING,
        POE_FAULT,
        POE_TESTING,
        POE_OTHER_FAULT
};

/** poe_state() - what a port's two objects mean for the machine at its end; ret->state and ret->note. */
void poe_state(bool is_enabled, int64_t detection, struct power_outcome *ret);

/* What a switch's tables say of where a machine is. */
struct poe_evidence {
        const struct poe_port *ports; /* all that it has */
        size_t n_ports;
        uint32_t bridge_port, ifindex; /* of the port that leads to the machine; 0: not known */
        size_t n_macs;                 /* addresses that it has learnt on that port */
};

enum { POE_MACS_MAX = 4 }; /* a machine with a few guests; a port with more leads to another switch */

/** poe_choose() - the one port that they point at; 0, -ENOENT or -EINVAL with a sentence that asks for
 * `port`. */
MUST_CHECK int poe_choose(const struct poe_evidence *e, struct poe_port *ret, struct error *reterr);
